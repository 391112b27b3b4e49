import CZStandard

/// RFC 8878, by libzstd.
final class ZStandardDecoder: Decoder {
    private let stream: OpaquePointer
    private var isBetweenFrames = true

    init() throws(DecompressionError) {
        guard let stream = ZSTD_createDStream() else { throw .noMemory(.zstandard) }
        self.stream = stream
    }

    deinit { ZSTD_freeDStream(stream) }

    func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer, isLast: Bool
    ) throws(DecompressionError) -> DecodingStep {
        if isBetweenFrames, input.isEmpty { return DecodingStep(taken: 0, given: 0, isComplete: true) }
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        let status = ZSTD_decompressStream(stream, &target, &source)
        guard ZSTD_isError(status) == 0 else {
            switch ZSTD_getErrorCode(status) {
            // As `zstd --long=28` and more make it.
            case ZSTD_error_memory_allocation, ZSTD_error_frameParameter_windowTooLarge: throw .noMemory(.zstandard)
            default: throw .damaged(.zstandard)
            }
        }
        isBetweenFrames = status == 0
        return DecodingStep(taken: source.pos, given: target.pos, isComplete: isBetweenFrames)
    }
}
