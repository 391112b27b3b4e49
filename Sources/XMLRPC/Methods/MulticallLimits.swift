/// What one `system.multicall` may ask for: one small request must not become any amount of work.
public struct MulticallLimits: Hashable, Sendable {
    public var callCountMax: Int
    /// Of all answers together, roughly as encoded. Past it the calls that are left are not made, and get a fault each.
    public var answerByteCountMax: Int

    public init(callCountMax: Int = 1000, answerByteCountMax: Int = 16 << 20) {
        self.callCountMax = callCountMax
        self.answerByteCountMax = answerByteCountMax
    }
}
