import CZStandard
import Model

/// Unpacks a body of frames of RFC 8878, in whatever pieces it comes, in memory that whoever sent it can't choose.
///
/// `@unchecked Sendable`: it has no lock of its own. Whoever holds it makes one call after the other, from whatever thread.
package final class PieceDecompressor: @unchecked Sendable {
    private let stream: OpaquePointer
    private let output: UnsafeMutableRawBufferPointer
    private var isBetweenFrames = true

    /// Frames may look back so far: 256 KiB.
    private static let windowLogMax: Int32 = 18
    private static let outputByteCount = 128 << 10

    /// - Throws: ``DecompressionError/noMemory(_:)``
    package init() throws(DecompressionError) {
        guard let stream = ZSTD_createDStream() else { throw .noMemory(.zstandard) }
        guard ZSTD_isError(ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, Self.windowLogMax)) == 0 else {
            ZSTD_freeDStream(stream)
            throw .noMemory(.zstandard)
        }
        self.stream = stream
        output = .allocate(byteCount: Self.outputByteCount, alignment: 16)
    }

    deinit {
        ZSTD_freeDStream(stream)
        output.deallocate()
    }

    /// - Parameter take: Given what comes out, in slices; the bytes are valid until it returns.
    /// - Throws: ``DecompressionError``, and whatever `take` throws.
    package func append(_ bytes: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) throws -> Void) throws {
        guard !bytes.isEmpty else { return }
        var source = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
        while true {
            var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
            let status = ZSTD_decompressStream(stream, &target, &source)
            guard ZSTD_isError(status) == 0 else { throw DecompressionError.damaged(.zstandard) }
            if target.pos > 0 { try take(UnsafeRawBufferPointer(rebasing: output[..<target.pos])) }
            isBetweenFrames = status == 0
            // Output that was filled to the brim may have more behind it, but for what ends a frame.
            if source.pos == source.size, isBetweenFrames || target.pos < target.size { return }
        }
    }

    /// Nothing follows.
    /// - Throws: ``DecompressionError/endsTooEarly(_:)``
    package func finish() throws(DecompressionError) {
        guard isBetweenFrames else { throw .endsTooEarly(.zstandard) }
    }
}
