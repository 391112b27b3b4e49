import TaskRuntime

/// Reads tar archives: POSIX.1-1988 (ustar), POSIX.1-2001 (pax) and GNU's with long names.
struct TarReader {
    private let source: any InputSource

    private static let blockByteCount: Int64 = 512
    /// Of a long name, or of all that a pax header says.
    private static let noteByteCountMax: Int64 = 1 << 20

    init(_ source: any InputSource) { self.source = source }

    /// What other headers say of the entry after them.
    private struct Notes {
        var path: [UInt8]?
        var target: [UInt8]?
        var byteCount: Int64?
    }

    func read(into tree: inout ArchiveTree) throws {
        var offset: Int64 = 0
        var notes = Notes()
        while true {
            let block = try source.bytes(at: offset, count: Int(Self.blockByteCount))
            guard block.count == Self.blockByteCount else {
                // Some programs leave the zeros at the end out.
                guard block.isEmpty, offset > 0 else { throw offset == 0 ? ArchiveError.unknownForm : .damaged }
                return
            }
            if block.allSatisfy({ $0 == 0 }) { return }
            guard Self.isHeader(block) else { throw offset == 0 ? ArchiveError.unknownForm : .damaged }
            let contents = offset + Self.blockByteCount
            guard let byteCount = notes.byteCount ?? Self.number(block[124..<136]), byteCount >= 0,
                byteCount <= Int64.max / 4
            else { throw ArchiveError.damaged }
            let blocks = (byteCount + Self.blockByteCount - 1) / Self.blockByteCount
            offset = contents + blocks * Self.blockByteCount
            switch block[156] {
            case UInt8(ascii: "x"): try add(Self.records(in: note(contents, byteCount)), to: &notes)
            case UInt8(ascii: "g"): break
            case UInt8(ascii: "L"): notes.path = Self.text(try note(contents, byteCount)[...])
            case UInt8(ascii: "K"): notes.target = Self.text(try note(contents, byteCount)[...])
            case let type:
                try add(type, block, notes, contents..<(contents + byteCount), to: &tree)
                notes = Notes()
            }
        }
    }

    private func add(
        _ type: UInt8, _ block: [UInt8], _ notes: Notes, _ contents: Range<Int64>, to tree: inout ArchiveTree
    ) throws {
        let name = notes.path ?? Self.name(block)
        let target = notes.target ?? Self.text(block[157..<257])
        switch type {
        case 0, UInt8(ascii: "0"), UInt8(ascii: "7"):
            // What older programs wrote for a folder.
            if name.last == UInt8(ascii: "/") { return try tree.addFolder(name) }
            let mode = Self.number(block[100..<108]) ?? 0
            try tree.addFile(name, isExecutable: mode & 0o111 != 0) { try source.forEachPiece(of: contents, $0) }
        case UInt8(ascii: "1"): try tree.addHardLink(name, to: target)
        case UInt8(ascii: "2"): try tree.addLink(name, to: target)
        case UInt8(ascii: "5"): try tree.addFolder(name)
        default: throw ArchiveError.unsupported(what: "devices, pipes or sparse files")
        }
    }

    private func note(_ offset: Int64, _ byteCount: Int64) throws -> [UInt8] {
        guard byteCount <= Self.noteByteCountMax else { throw ArchiveError.damaged }
        let bytes = try source.bytes(at: offset, count: Int(byteCount))
        guard bytes.count == byteCount else { throw ArchiveError.damaged }
        return bytes
    }

    private func add(_ records: [(key: [UInt8], value: [UInt8])], to notes: inout Notes) throws {
        for record in records {
            switch String(decoding: record.key, as: UTF8.self) {
            case "path": notes.path = record.value
            case "linkpath": notes.target = record.value
            case "size":
                guard let count = Int64(String(decoding: record.value, as: UTF8.self)) else {
                    throw ArchiveError.damaged
                }
                notes.byteCount = count
            default: break
            }
        }
    }

    /// Lines `LENGTH KEY=VALUE`, where the length is the whole line's.
    private static func records(in note: [UInt8]) throws -> [(key: [UInt8], value: [UInt8])] {
        var records: [(key: [UInt8], value: [UInt8])] = []
        var rest = note[...]
        while let first = rest.first, first != 0 {
            let digits = rest.prefix { $0 != UInt8(ascii: " ") }
            guard let count = Int(String(decoding: digits, as: UTF8.self)), count > digits.count + 2,
                count <= rest.count
            else { throw ArchiveError.damaged }
            let line = rest.prefix(count - 1).dropFirst(digits.count + 1)
            guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { throw ArchiveError.damaged }
            records.append((Array(line[..<equals]), Array(line[(equals + 1)...])))
            rest = rest.dropFirst(count)
        }
        return records
    }

    private static func isHeader(_ block: [UInt8]) -> Bool {
        let sum = block.indices.reduce(0) { $0 + ((148..<156).contains($1) ? 32 : Int64(block[$1])) }
        return number(block[148..<156]) == sum
    }

    private static func name(_ block: [UInt8]) -> [UInt8] {
        let name = text(block[0..<100])
        let prefix = text(block[345..<500])
        let isPOSIX = block[257..<263].elementsEqual(Array("ustar".utf8) + [0])
        return isPOSIX && !prefix.isEmpty ? prefix + [UInt8(ascii: "/")] + name : name
    }

    private static func text(_ field: ArraySlice<UInt8>) -> [UInt8] { Array(field.prefix { $0 != 0 }) }

    /// Octal digits, or, of large ones, 63 bits.
    private static func number(_ field: ArraySlice<UInt8>) -> Int64? {
        if let first = field.first, first & 0x80 != 0 {
            guard first == 0x80, field.dropFirst().dropLast(8).allSatisfy({ $0 == 0 }) else { return nil }
            return Int64(exactly: field.suffix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
        }
        let digits = field.drop { $0 == UInt8(ascii: " ") }.prefix { $0 != 0 && $0 != UInt8(ascii: " ") }
        return digits.isEmpty ? 0 : Int64(String(decoding: digits, as: UTF8.self), radix: 8)
    }
}
