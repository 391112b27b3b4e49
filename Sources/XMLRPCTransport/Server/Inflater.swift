import CZLib

/// Unpacks a body of gzip (RFC 1952) or deflate (RFC 1950, and RFC 1951 alone, which some send under that name), piece
/// by piece. What comes out has a limit; what goes in needs none, since it is not kept.
final class Inflater {
    enum Fault: Error {
        case damaged
        case tooLong
        case noMemory
    }

    private let isGzip: Bool
    private let outputByteCountMax: Int
    private var outputByteCount = 0
    /// zlib remembers where it lies.
    private let stream: UnsafeMutablePointer<z_stream>
    private var hasBegun = false
    private var hasEnded = false
    /// What came before there was enough of it to tell one deflate from the other.
    private var start: [UInt8] = []

    private static let sliceByteCount = 64 << 10
    private static let windowBits: CInt = 15
    private static let gzipWrapper: CInt = 16

    init(isGzip: Bool, outputByteCountMax: Int) {
        self.isGzip = isGzip
        self.outputByteCountMax = outputByteCountMax
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
    }

    deinit {
        if hasBegun { inflateEnd(stream) }
        stream.deallocate()
    }

    /// - Parameter take: Gets what comes out, in slices.
    func append(_ bytes: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) -> Void) throws(Fault) {
        if hasBegun { return try inflate(bytes, take) }
        start += bytes
        guard isGzip || start.count >= 2 else { return }
        try begin()
        let start = start
        self.start = []
        try start.withUnsafeBufferPointer { bytes throws(Fault) in try inflate(UnsafeRawBufferPointer(bytes), take) }
    }

    /// The body has ended, and must have been whole.
    func finish() throws(Fault) {
        guard hasEnded else { throw .damaged }
    }

    private func begin() throws(Fault) {
        let windowBits = isGzip ? Self.windowBits + Self.gzipWrapper : hasWrapper ? Self.windowBits : -Self.windowBits
        guard czlib_begin_inflating(stream, windowBits) == Z_OK else { throw .noMemory }
        hasBegun = true
    }

    /// Whether deflated bytes begin with the header of RFC 1950, section 2.2.
    private var hasWrapper: Bool {
        start[0] & 0x0F == 8 && (Int(start[0]) << 8 | Int(start[1])) % 31 == 0
    }

    private func inflate(_ bytes: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) -> Void) throws(Fault) {
        guard !bytes.isEmpty else { return }
        let slice = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.sliceByteCount, alignment: 1)
        defer { slice.deallocate() }
        // zlib does not write to its input.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(bytes.count)
        repeat {
            if hasEnded { try beginMember() }
            let count = try inflateSlice(into: slice)
            outputByteCount += count
            guard outputByteCount <= outputByteCountMax else { throw .tooLong }
            if count > 0 { take(UnsafeRawBufferPointer(rebasing: slice[..<count])) }
        } while stream.pointee.avail_in > 0 || (stream.pointee.avail_out == 0 && !hasEnded)
        stream.pointee.next_in = nil
    }

    private func inflateSlice(into slice: UnsafeMutableRawBufferPointer) throws(Fault) -> Int {
        stream.pointee.next_out = slice.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(slice.count)
        switch CZLib.inflate(stream, Z_NO_FLUSH) {
        case Z_OK: break
        case Z_STREAM_END: hasEnded = true
        // Nothing was left to come out of what had come in.
        case Z_BUF_ERROR where stream.pointee.avail_in == 0: break
        case Z_MEM_ERROR: throw .noMemory
        default: throw .damaged
        }
        return slice.count - Int(stream.pointee.avail_out)
    }

    /// Something follows: another member of gzip (RFC 1952, section 2.2).
    private func beginMember() throws(Fault) {
        guard isGzip, inflateReset(stream) == Z_OK else { throw .damaged }
        hasEnded = false
    }
}
