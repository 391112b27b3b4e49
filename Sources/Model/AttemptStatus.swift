/// What a program of a running attempt says that it is about: for people, and of no consequence.
package struct AttemptStatus: Hashable, Sendable {
    package let attempt: AttemptID
    /// At most ``byteCountMax`` bytes.
    package let text: [UInt8]

    package static let byteCountMax = 256

    /// - Parameter text: What is longer is cut off.
    package init(attempt: AttemptID, text: [UInt8]) {
        self.attempt = attempt
        self.text = Array(text.prefix(Self.byteCountMax))
    }
}
