import CZLib

/// RFC 1952, by zlib.
final class GzipDecoder: Decoder {
    /// zlib keeps its address.
    private let stream: UnsafeMutablePointer<z_stream>
    private var isBetweenMembers = true

    /// The largest window, and a gzip header before it.
    private static let windowBits: Int32 = 15 + 16

    init() throws(DecompressionError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard czlib_begin_inflating(stream, Self.windowBits) == Z_OK else {
            stream.deallocate()
            throw .noMemory(.gzip)
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer, isLast: Bool
    ) throws(DecompressionError) -> DecodingStep {
        if isBetweenMembers {
            // What tapes and block devices fill up with.
            let padding = input.prefix { $0 == 0 }.count
            if padding > 0 || input.isEmpty { return DecodingStep(taken: padding, given: 0, isComplete: true) }
            isBetweenMembers = false
        }
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(input.count)
        stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_out = UInt32(output.count)
        let status = inflate(stream, Z_NO_FLUSH)
        let taken = input.count - Int(stream.pointee.avail_in)
        let given = output.count - Int(stream.pointee.avail_out)
        switch status {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END:
            guard inflateReset(stream) == Z_OK else { throw .damaged(.gzip) }
            isBetweenMembers = true
        case Z_MEM_ERROR: throw .noMemory(.gzip)
        default: throw .damaged(.gzip)
        }
        return DecodingStep(taken: taken, given: given, isComplete: isBetweenMembers)
    }
}
