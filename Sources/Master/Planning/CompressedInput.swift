import Glibc

/// Files that begin as compressed ones do: their bytes would be counted as if they were text.
enum CompressedInput {
    /// What the formats begin with (RFC 1952, RFC 8878, and the format descriptions of bzip2 and xz).
    private static let formats: [(start: [UInt8], name: String)] = [
        ([0x1f, 0x8b], "gzip"), ([0x28, 0xb5, 0x2f, 0xfd], "zstd"), ([0x42, 0x5a, 0x68], "bzip2"),
        ([0xfd, 0x37, 0x7a], "xz"),
    ]

    /// Name of the format of an open file; nil for what begins otherwise, or can't be read now.
    static func format(of file: CInt) -> String? {
        var start = [UInt8](repeating: 0, count: 4)
        let count = max(pread(file, &start, start.count, 0), 0)
        return formats.first { start[..<count].starts(with: $0.start) }?.name
    }
}
