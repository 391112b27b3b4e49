/// The most that one message may hold; more is refused by name, never cut short.
package enum ProtocolLimits {
    package static let reportsMax = 4_096
    package static let runningMax = 4_096
    package static let slotsMax = 1_024
    package static let reasonByteCountMax = 64 << 10
    package static let applicationsMax = 256
    package static let applicationNameByteCountMax = 255
    /// Map outputs that one answer asks for; the rest comes with the next.
    package static let handOversMax = 1_024
    /// Jobs that a worker may keep something of; a master has fewer that are not over.
    package static let jobsMax = 4_096
    package static let lostOutputsMax = 1_000_000
    package static let piecesMax = 1_000_000
    /// Of one map attempt's packed pieces and files.
    package static let inputByteCountMax = 32 << 20
    package static let cutPointsMax = 65_535
    package static let cutPointByteCountMax = 1_024
}

/// The version that both sides name when they meet; another one is refused.
package enum ProtocolVersion {
    package static let current = 7
}
