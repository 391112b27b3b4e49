import Crypto
package import TaskRuntime

/// SHA-256 of contents that are read, or copied, in pieces.
package struct ContentDigest {
    private var hash = SHA256()

    package init() {}

    package mutating func add(_ bytes: UnsafeRawBufferPointer) { hash.update(bufferPointer: bytes) }

    package var bytes: [UInt8] { Array(hash.finalize()) }

    private static let pieceByteCount = 1 << 20

    /// Reads all of a source, and calls `body` with each piece of it.
    /// - Returns: The digest of what was read.
    package static func read(
        _ source: any InputSource, _ body: (UnsafeRawBufferPointer) throws -> Void = { _ in }
    ) throws -> [UInt8] {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceByteCount, alignment: 16)
        defer { buffer.deallocate() }
        var digest = ContentDigest()
        var offset: Int64 = 0
        while true {
            let count = try source.read(into: buffer, at: offset)
            guard count > 0 else { break }
            let piece = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            digest.add(piece)
            try body(piece)
            offset += Int64(count)
        }
        try source.checkUnchanged()
        return digest.bytes
    }
}
