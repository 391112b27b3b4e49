import CZLib
import Decompression
import TaskRuntime

/// Reads zip archives (PKWARE's APPNOTE.TXT 6.3): stored and deflated files, folders, and links as Info-ZIP writes them.
struct ZipReader {
    private let source: any InputSource

    static let localMark: [UInt8] = [0x50, 0x4B, 3, 4]
    static let endMark: [UInt8] = [0x50, 0x4B, 5, 6]
    private static let entryMark: [UInt8] = [0x50, 0x4B, 1, 2]
    private static let endByteCount = 22
    private static let commentByteCountMax = 65_535
    private static let linkByteCountMax: Int64 = 4_096
    private static let folderByteCountMax = 64 << 20

    init(_ source: any InputSource) { self.source = source }

    private struct Entry {
        let name: [UInt8]
        let method: Int
        let flags: Int
        let checksum: UInt32
        let packedByteCount: Int64
        let byteCount: Int64
        let mode: Int
        let offset: Int64
    }

    func read(into tree: inout ArchiveTree) throws {
        for entry in try entries() {
            if entry.name.last == UInt8(ascii: "/") {
                try tree.addFolder(entry.name)
                continue
            }
            guard entry.flags & 1 == 0 else { throw ArchiveError.unsupported(what: "encrypted files") }
            if entry.mode & 0o170000 == 0o120000 {
                guard entry.byteCount <= Self.linkByteCountMax else { throw ArchiveError.damaged }
                var target: [UInt8] = []
                try give(entry) { target += $0 }
                try tree.addLink(entry.name, to: target)
            } else {
                try tree.addFile(entry.name, isExecutable: entry.mode & 0o111 != 0) { try give(entry, $0) }
            }
        }
    }

    private func entries() throws -> [Entry] {
        let end = try endRecord()
        let count = Self.number(end, 10, 2)
        let byteCount = Self.number(end, 12, 4)
        let offset = Self.number(end, 16, 4)
        guard count < 0xFFFF, offset < 0xFFFF_FFFF else {
            throw ArchiveError.unsupported(what: "a directory of the zip64 form")
        }
        guard byteCount <= Self.folderByteCountMax else { throw ArchiveError.damaged }
        let bytes = try source.bytes(at: Int64(offset), count: byteCount)
        var entries: [Entry] = []
        var at = 0
        for _ in 0..<count {
            guard bytes.count - at >= 46, bytes[at...].starts(with: Self.entryMark) else { throw ArchiveError.damaged }
            let nameCount = Self.number(bytes, at + 28, 2)
            let others = Self.number(bytes, at + 30, 2) + Self.number(bytes, at + 32, 2)
            guard bytes.count - at - 46 >= nameCount + others else { throw ArchiveError.damaged }
            entries.append(Self.entry(bytes, at, nameCount))
            at += 46 + nameCount + others
        }
        return entries
    }

    private static func entry(_ bytes: [UInt8], _ at: Int, _ nameCount: Int) -> Entry {
        Entry(
            name: Array(bytes[(at + 46)...].prefix(nameCount)), method: number(bytes, at + 10, 2),
            flags: number(bytes, at + 8, 2), checksum: UInt32(truncatingIfNeeded: number(bytes, at + 16, 4)),
            packedByteCount: Int64(number(bytes, at + 20, 4)), byteCount: Int64(number(bytes, at + 24, 4)),
            mode: number(bytes, at + 40, 2), offset: Int64(number(bytes, at + 42, 4)))
    }

    /// The record at the end, which a comment may follow.
    private func endRecord() throws -> [UInt8] {
        let total = try byteCount()
        let start = max(0, total - Int64(Self.endByteCount + Self.commentByteCountMax))
        let tail = try source.bytes(at: start, count: Int(total - start))
        var at = tail.count - Self.endByteCount
        while at >= 0 {
            if tail[at...].starts(with: Self.endMark) { return Array(tail[at...]) }
            at -= 1
        }
        throw ArchiveError.damaged
    }

    /// - Complexity: O(log n) reads.
    private func byteCount() throws -> Int64 {
        var low: Int64 = 0
        var high: Int64 = 1
        while try !source.bytes(at: high - 1, count: 1).isEmpty { (low, high) = (high, high * 2) }
        while low < high {
            let middle = (low + high) / 2
            if try source.bytes(at: middle, count: 1).isEmpty { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// Gives an entry's contents, and checks them.
    private func give(_ entry: Entry, _ take: (UnsafeRawBufferPointer) throws -> Void) throws {
        let local = try source.bytes(at: entry.offset, count: 30)
        guard local.count == 30, local.starts(with: Self.localMark) else { throw ArchiveError.damaged }
        let start = entry.offset + Int64(30 + Self.number(local, 26, 2) + Self.number(local, 28, 2))
        let range = start..<(start + entry.packedByteCount)
        var byteCount: Int64 = 0
        var checksum: UInt = 0
        let check = { (piece: UnsafeRawBufferPointer) in
            byteCount += Int64(piece.count)
            guard byteCount <= entry.byteCount else { throw ArchiveError.damaged }
            checksum = crc32(checksum, piece.bindMemory(to: UInt8.self).baseAddress, UInt32(piece.count))
            try take(piece)
        }
        switch entry.method {
        case 0: try source.forEachPiece(of: range, check)
        case 8: try inflate(range, entry, check)
        default: throw ArchiveError.unsupported(what: "files packed by method \(entry.method)")
        }
        guard byteCount == entry.byteCount, UInt32(truncatingIfNeeded: checksum) == entry.checksum else {
            throw ArchiveError.damaged
        }
    }

    /// A deflated file is what a gzip file holds between its header and its checksum (RFC 1952).
    private func inflate(
        _ range: Range<Int64>, _ entry: Entry, _ take: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]
        let trailer = [entry.checksum, UInt32(truncatingIfNeeded: entry.byteCount)].flatMap { number in
            withUnsafeBytes(of: number.littleEndian) { Array($0) }
        }
        var offset = range.lowerBound
        var step = 0
        do {
            try Decompression.unpack(.gzip) { buffer in
                if step == 1, offset < range.upperBound {
                    let count = min(Int64(buffer.count), range.upperBound - offset)
                    let read = try source.read(into: .init(rebasing: buffer[..<Int(count)]), at: offset)
                    guard read > 0 else { throw ArchiveError.damaged }
                    offset += Int64(read)
                    return read
                }
                step += 1
                if step > 2 { return 0 }
                let bytes = step == 1 ? header : trailer
                buffer.copyBytes(from: bytes)
                return bytes.count
            } write: {
                try take($0)
            }
        } catch is DecompressionError {
            throw ArchiveError.damaged
        }
    }

    /// The lowest byte first.
    private static func number(_ bytes: [UInt8], _ at: Int, _ count: Int) -> Int {
        bytes[at..<(at + count)].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}
