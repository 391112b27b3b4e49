/// Memory for many byte strings that live and die together. Their addresses stay valid until ``removeAll()``.
package struct ByteArena: ~Copyable {
    private var chunks: [UnsafeMutableRawBufferPointer] = []
    private var next: UnsafeMutableRawPointer?
    private var room = 0
    /// How much has been handed out since the last ``removeAll()``.
    package private(set) var byteCount = 0

    private static let chunkByteCountMin = 64 << 10
    private static let chunkByteCountMax = 4 << 20

    package init() {}

    deinit {
        for chunk in chunks { chunk.deallocate() }
    }

    /// - Returns: `count` bytes, aligned to 8.
    @inline(__always)
    package mutating func allocate(_ count: Int) -> UnsafeMutableRawPointer {
        let rounded = (count + 7) & ~7
        if next == nil || rounded > room { addChunk(atLeast: rounded) }
        guard let start = next else { preconditionFailure("a chunk was just added") }
        next = start + rounded
        room -= rounded
        byteCount += rounded
        return start
    }

    /// Forgets everything; keeps a chunk for what comes next, but none that was made for one long string.
    package mutating func removeAll() {
        let kept = chunks.last { $0.count <= ByteArena.chunkByteCountMax }
        for chunk in chunks where chunk.baseAddress != kept?.baseAddress { chunk.deallocate() }
        chunks = kept.map { [$0] } ?? []
        next = kept?.baseAddress
        room = kept?.count ?? 0
        byteCount = 0
    }

    @inline(never)
    private mutating func addChunk(atLeast count: Int) {
        let doubled = min((chunks.last?.count ?? 0) * 2, ByteArena.chunkByteCountMax)
        let size = max(count, doubled, ByteArena.chunkByteCountMin)
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 16)
        chunks.append(chunk)
        next = chunk.baseAddress
        room = size
    }
}
