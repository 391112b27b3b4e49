import Model
import XMLRPC

/// How the input of a map attempt travels: member `input`, base64 of these numbers and bytes. A struct per piece and file
/// would be 50 times as long, and a task may have thousands of each.
///
///     input := count of files, file*, count of pieces, piece*
///     file  := index less the index of the file before (0 before the first),
///              count of bytes at the beginning of its path that are those of the path before, count and bytes of the rest,
///              count of bytes at the end of its name that are those of the end of its path, count and bytes of what is before them,
///              length in bytes, modification time in nanoseconds since 1970 (as two's complement),
///              0, or what it is to be unpacked from: 1 gzip, 2 bzip2, 3 xz, 4 zstd
///     piece := position of its file in this list, offset, length in bytes
///
/// Every number is unsigned in base 128, lowest seven bits first, with the high bit set in all bytes but the last (LEB128),
/// at most ten bytes and none of them superfluous. Files stand in ascending order of their index.
struct PackedInput {
    let pieces: [SplitPiece]
    /// By index into the job's files.
    let files: [Int: InputFile]

    /// Of the paths and names of one assignment when they are unpacked: beginnings that are shared cost nothing on the way.
    static let nameByteCountMax = 256 << 20

    init(pieces: [SplitPiece], files: [Int: InputFile]) {
        self.pieces = pieces
        self.files = files
    }

    // MARK: Packing

    var bytes: [UInt8] {
        var packer = Packer()
        let sorted = files.sorted { $0.key < $1.key }
        var positions: [Int: Int] = [:]
        var last: (index: Int, path: [UInt8]) = (0, [])
        packer.append(sorted.count)
        for (position, (index, file)) in sorted.enumerated() {
            positions[index] = position
            packer.append(index - last.index)
            packer.append(file.path, without: Self.sharedCount(file.path, last.path, fromEnd: false), atEnd: false)
            packer.append(file.name, without: Self.sharedCount(file.name, file.path, fromEnd: true), atEnd: true)
            packer.append(Int(file.byteCount))
            packer.append(UInt64(bitPattern: file.modifiedNanoseconds))
            packer.append(Int(file.compression?.rawValue ?? 0))
            last = (index, file.path)
        }
        packer.append(pieces.count)
        for piece in pieces {
            guard let position = positions[piece.fileIndex] else {
                preconditionFailure("a piece of file \(piece.fileIndex), which is not described")
            }
            packer.append(position)
            packer.append(Int(piece.offset))
            packer.append(Int(piece.byteCount))
        }
        return packer.bytes
    }

    private static func sharedCount(_ one: [UInt8], _ other: [UInt8], fromEnd: Bool) -> Int {
        let most = min(one.count, other.count)
        var count = 0
        while count < most,
            fromEnd ? one[one.count - 1 - count] == other[other.count - 1 - count] : one[count] == other[count]
        {
            count += 1
        }
        return count
    }

    // MARK: Unpacking

    init(_ bytes: [UInt8]) throws(XMLRPCFault) {
        var unpacker = Unpacker(bytes)
        var files: [Int: InputFile] = [:]
        let fileCount = try unpacker.number(upTo: ProtocolLimits.piecesMax)
        // No more room than the bytes can fill: a file takes eight at least.
        files.reserveCapacity(min(fileCount, bytes.count / 8))
        var indices: [Int] = []
        var path: [UInt8] = []
        var nameRoom = Self.nameByteCountMax
        for _ in 0..<fileCount {
            let index = (indices.last ?? 0) + (try unpacker.number(upTo: Int(Int32.max)))
            guard index <= Int(Int32.max), indices.last.map({ $0 < index }) ?? true else {
                throw Unpacker.fault("files stand in ascending order, below 2^31")
            }
            let shared = try unpacker.number(upTo: path.count)
            path = Array(path.prefix(shared) + (try unpacker.string()))
            let sharedName = try unpacker.number(upTo: path.count)
            let name = try unpacker.string() + path.suffix(sharedName)
            nameRoom -= path.count + name.count
            guard nameRoom >= 0 else {
                throw Unpacker.fault("paths and names have at most \(Self.nameByteCountMax) bytes")
            }
            indices.append(index)
            files[index] = InputFile(
                path: path, name: Array(name), byteCount: try unpacker.byteCount(),
                modifiedNanoseconds: Int64(bitPattern: try unpacker.number()),
                compression: try unpacker.compression())
        }
        self.files = files
        pieces = try Self.pieces(&unpacker, indices)
    }

    private static func pieces(_ unpacker: inout Unpacker, _ indices: [Int]) throws(XMLRPCFault) -> [SplitPiece] {
        let count = try unpacker.number(upTo: ProtocolLimits.piecesMax)
        var pieces: [SplitPiece] = []
        // A piece takes three bytes at least.
        pieces.reserveCapacity(min(count, unpacker.restCount / 3))
        for _ in 0..<count {
            let position = try unpacker.number(upTo: indices.count - 1)
            pieces.append(
                SplitPiece(
                    fileIndex: indices[position], offset: try unpacker.byteCount(), byteCount: try unpacker.byteCount())
            )
        }
        guard unpacker.restCount == 0 else { throw Unpacker.fault("nothing follows the last piece") }
        return pieces
    }
}

/// Writes numbers and bytes one after the other.
private struct Packer {
    var bytes: [UInt8] = []

    mutating func append(_ number: Int) { append(UInt64(number)) }

    mutating func append(_ number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// `text` without the `shared` bytes at its beginning or end that the reader knows.
    mutating func append(_ text: [UInt8], without shared: Int, atEnd: Bool) {
        append(shared)
        append(text.count - shared)
        bytes += atEnd ? text.dropLast(shared) : text.dropFirst(shared)
    }
}

/// Reads them back, and refuses what a ``Packer`` would not have written.
private struct Unpacker {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var restCount: Int { bytes.count - position }

    static func fault(_ expected: String) -> XMLRPCFault {
        Fields.fault("member 'input' of an assignment is not as packed: \(expected)")
    }

    mutating func number() throws(XMLRPCFault) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            guard position < bytes.count else { throw Self.fault("it ends within a number") }
            let byte = bytes[position]
            position += 1
            let digits = UInt64(byte & 0x7f)
            // The tenth byte holds one bit, and a last byte of 0 stands only for the number 0.
            guard shift < 63 || byte <= 1, shift == 0 || byte != 0 else { break }
            value |= digits << shift
            if byte < 0x80 { return value }
        }
        throw Self.fault("a number has at most 64 bits, and no more bytes than it needs")
    }

    mutating func number(upTo most: Int) throws(XMLRPCFault) -> Int {
        let value = try number()
        guard most >= 0, value <= UInt64(most) else { throw Self.fault("\(value) where at most \(most) is possible") }
        return Int(value)
    }

    mutating func compression() throws(XMLRPCFault) -> InputCompression? {
        let number = try number(upTo: Int(UInt8.max))
        if number == 0 { return nil }
        guard let compression = InputCompression(rawValue: UInt8(number)) else {
            throw Self.fault("no compression has the number \(number)")
        }
        return compression
    }

    /// Offsets and lengths in files.
    mutating func byteCount() throws(XMLRPCFault) -> Int64 { Int64(try number(upTo: 1 << 53)) }

    mutating func string() throws(XMLRPCFault) -> ArraySlice<UInt8> {
        let count = try number(upTo: bytes.count)
        guard count <= restCount else { throw Self.fault("it ends within \(count) bytes of text") }
        defer { position += count }
        return bytes[position..<position + count]
    }
}
