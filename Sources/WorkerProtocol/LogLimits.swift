/// How much of an attempt's log is kept, and how what is not is told of.
package enum LogLimits {
    /// From the beginning of a log.
    package static let beginByteCountMax = 4 << 10
    /// From its end.
    package static let endByteCountMax = 64 << 10

    /// The line in the place of bytes that are not there.
    package static func leftOut(_ byteCount: Int64) -> [UInt8] {
        Array("\n[... \(byteCount) bytes are left out here ...]\n".utf8)
    }
}
