import CZLib

/// RFC 1952, by zlib: one member without a name or a time.
final class GzipEncoder: Encoder {
    /// zlib keeps its address.
    private let stream: UnsafeMutablePointer<z_stream>

    /// The largest window, and a gzip header before it.
    private static let windowBits: Int32 = 15 + 16
    /// What `gzip` takes by itself.
    private static let level: Int32 = 6

    init() throws(CompressionError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard czlib_begin_deflating(stream, Self.level, Self.windowBits) == Z_OK else {
            stream.deallocate()
            throw .noMemory
        }
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer, isLast: Bool
    ) throws(CompressionError) -> EncodingStep {
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(input.count)
        stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_out = UInt32(output.count)
        let status = deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
        guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
            throw .refused(reason: "zlib answers \(status)")
        }
        let isTaken = stream.pointee.avail_in == 0
        return EncodingStep(
            taken: input.count - Int(stream.pointee.avail_in), given: output.count - Int(stream.pointee.avail_out),
            isDone: isLast ? status == Z_STREAM_END : isTaken && stream.pointee.avail_out > 0)
    }
}
