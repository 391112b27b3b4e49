import CZStandard

/// RFC 8878, by libzstd: one frame with a checksum of its contents.
final class ZStandardEncoder: Encoder {
    private let stream: OpaquePointer

    /// What `zstd` takes by itself.
    private static let level: Int32 = 3

    init() throws(CompressionError) {
        guard let stream = ZSTD_createCCtx() else { throw .noMemory }
        self.stream = stream
        for (parameter, value) in [(ZSTD_c_compressionLevel, Self.level), (ZSTD_c_checksumFlag, 1)] {
            let status = ZSTD_CCtx_setParameter(stream, parameter, value)
            guard ZSTD_isError(status) == 0 else { throw .refused(reason: String(cString: ZSTD_getErrorName(status))) }
        }
    }

    deinit { ZSTD_freeCCtx(stream) }

    func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer, isLast: Bool
    ) throws(CompressionError) -> EncodingStep {
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        let rest = ZSTD_compressStream2(stream, &target, &source, isLast ? ZSTD_e_end : ZSTD_e_continue)
        guard ZSTD_isError(rest) == 0 else { throw .refused(reason: String(cString: ZSTD_getErrorName(rest))) }
        return EncodingStep(
            taken: source.pos, given: target.pos, isDone: source.pos == source.size && (!isLast || rest == 0))
    }
}
