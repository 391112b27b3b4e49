/// How large a document may be. One that is larger is refused with a fault that names the limit.
public struct DecodingLimits: Hashable, Sendable {
    /// Levels of `<value>` inside each other. Also what keeps the destruction of a value, which recurses, off the end of
    /// the stack: at most ``depthCeiling``.
    public var depthMax: Int {
        didSet { Self.check(depthMax) }
    }
    /// `<value>` elements in one document.
    public var valueCountMax: Int
    /// Bytes in one document, as received (after any content decoding, before character decoding).
    public var byteCountMax: Int

    public static let depthCeiling = 1000

    public init(depthMax: Int = 64, valueCountMax: Int = 1_000_000, byteCountMax: Int = 16 << 20) {
        Self.check(depthMax)
        self.depthMax = depthMax
        self.valueCountMax = valueCountMax
        self.byteCountMax = byteCountMax
    }

    static func check(_ depthMax: Int) {
        precondition((1...depthCeiling).contains(depthMax), "depthMax is 1 to \(depthCeiling), not \(depthMax)")
    }
}
