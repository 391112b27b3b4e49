/// In what form an input file's bytes are, told by how it begins.
package enum InputCompression: UInt8, Hashable, Sendable, CaseIterable {
    case gzip = 1
    case bzip2 = 2
    case xz = 3
    case zstandard = 4

    /// As many bytes of a file's beginning as tell it.
    package static let startByteCount = 10

    /// nil for what begins otherwise (RFC 1952, RFC 8878, and the format descriptions of bzip2 and xz). Ordinary text
    /// may begin with the first three bytes of bzip2's, so its first block is looked at as well.
    package init?(start: some Collection<UInt8>) {
        let start = Array(start.prefix(Self.startByteCount))
        if start.starts(with: [0x1F, 0x8B, 0x08]) {
            self = .gzip
        } else if start.starts(with: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]) {
            self = .xz
        } else if start.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
            self = .zstandard
        } else if start.count == Self.startByteCount, start.starts(with: Array("BZh".utf8)),
            (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(start[3]),
            [Self.bzip2Block, Self.bzip2End].contains(Array(start[4...]))
        {
            self = .bzip2
        } else {
            return nil
        }
    }

    private static let bzip2Block: [UInt8] = [0x31, 0x41, 0x59, 0x26, 0x53, 0x59]
    /// Of a stream without any block.
    private static let bzip2End: [UInt8] = [0x17, 0x72, 0x45, 0x38, 0x50, 0x90]

    /// As people call it.
    package var name: String {
        switch self {
        case .gzip: "gzip"
        case .bzip2: "bzip2"
        case .xz: "xz"
        case .zstandard: "zstd"
        }
    }

    /// Bytes that text most likely has for each of its compressed ones: to plan by, and for nothing else.
    package static let likelyRatio: Int64 = 4
}
