import CLZMA

/// xz, by liblzma.
final class XZDecoder: Decoder {
    private let stream: UnsafeMutablePointer<lzma_stream>
    private var hasEnded = false

    /// More than any level of `xz` asks for.
    private static let memoryByteCountMax: UInt64 = 1 << 30

    init() throws(DecompressionError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: clzma_new_stream())
        guard clzma_begin_decoding(stream, Self.memoryByteCountMax) == LZMA_OK else {
            stream.deallocate()
            throw .noMemory(.xz)
        }
    }

    deinit {
        lzma_end(stream)
        stream.deallocate()
    }

    func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer, isLast: Bool
    ) throws(DecompressionError) -> DecodingStep {
        guard !hasEnded else { return DecodingStep(taken: 0, given: 0, isComplete: true) }
        stream.pointee.next_in = input.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_in = input.count
        stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_out = output.count
        let status = lzma_code(stream, isLast ? LZMA_FINISH : LZMA_RUN)
        let taken = input.count - stream.pointee.avail_in
        let given = output.count - stream.pointee.avail_out
        switch status {
        // The second says that it could do nothing with what it has.
        case LZMA_OK, LZMA_BUF_ERROR: break
        case LZMA_STREAM_END: hasEnded = true
        case LZMA_MEM_ERROR, LZMA_MEMLIMIT_ERROR: throw .noMemory(.xz)
        default: throw .damaged(.xz)
        }
        return DecodingStep(taken: taken, given: given, isComplete: hasEnded)
    }
}
