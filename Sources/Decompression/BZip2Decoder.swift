import CBZip2

/// bzip2, by its own library.
final class BZip2Decoder: Decoder {
    /// The library keeps its address.
    private let stream: UnsafeMutablePointer<bz_stream>
    private var isOpen = false

    init() throws(DecompressionError) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: bz_stream())
    }

    deinit {
        if isOpen { BZ2_bzDecompressEnd(stream) }
        stream.deallocate()
    }

    func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer, isLast: Bool
    ) throws(DecompressionError) -> DecodingStep {
        if !isOpen {
            if input.isEmpty { return DecodingStep(taken: 0, given: 0, isComplete: true) }
            stream.pointee = bz_stream()
            guard BZ2_bzDecompressInit(stream, 0, 0) == BZ_OK else { throw .noMemory(.bzip2) }
            isOpen = true
        }
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: CChar.self).baseAddress)
        stream.pointee.avail_in = UInt32(input.count)
        stream.pointee.next_out = output.bindMemory(to: CChar.self).baseAddress
        stream.pointee.avail_out = UInt32(output.count)
        let status = BZ2_bzDecompress(stream)
        let taken = input.count - Int(stream.pointee.avail_in)
        let given = output.count - Int(stream.pointee.avail_out)
        switch status {
        case BZ_OK: break
        case BZ_STREAM_END:
            BZ2_bzDecompressEnd(stream)
            isOpen = false
        case BZ_MEM_ERROR: throw .noMemory(.bzip2)
        default: throw .damaged(.bzip2)
        }
        return DecodingStep(taken: taken, given: given, isComplete: !isOpen)
    }
}
