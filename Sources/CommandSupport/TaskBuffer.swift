/// The option `--task-buffer`, which both programs have.
package enum TaskBuffer {
    package static let byteCountMin: Int64 = 1 << 20
    package static let byteCountMax: Int64 = 1 << 36

    /// - Parameter text: As typed.
    /// - Returns: Bytes.
    package static func byteCount(_ text: String) throws(ProgramFailure) -> Int {
        guard let size = ByteSize(text), (byteCountMin...byteCountMax).contains(size.byteCount) else {
            throw .wrongUsage(
                "--task-buffer '\(text)' is not a size from 1MiB to 64GiB; write it like 64MiB, 16M or 2G")
        }
        return Int(size.byteCount)
    }
}
