import XMLRPC

/// A string or a base64, as bytes.
enum Text {
    case string([UInt8])
    case base64([UInt8])

    init?(_ value: XMLRPCValue) {
        switch value {
        case .string(let text): self = .string(Array(text.utf8))
        case .base64(let bytes): self = .base64(bytes)
        default: return nil
        }
    }

    var bytes: [UInt8] {
        switch self {
        case .string(let bytes), .base64(let bytes): bytes
        }
    }

    var isString: Bool {
        if case .string = self { true } else { false }
    }

    /// Bytes made from this text, as a value of its kind. Those of a string are cut between characters only.
    func value(_ bytes: some Collection<UInt8>) -> XMLRPCValue {
        isString ? .string(String(decoding: bytes, as: UTF8.self)) : .base64(Array(bytes))
    }

    /// Bytes of the whitespace at a place, 0 for none: what Python's `split` of the kind takes for it.
    func whitespaceByteCount(at index: Int) -> Int {
        switch self {
        case .string(let bytes): Self.whitespaceByteCount(in: bytes, at: index)
        case .base64(let bytes): Self.isSpace(bytes[index]) ? 1 : 0
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private static func whitespaceByteCount(in bytes: [UInt8], at index: Int) -> Int {
        let first = bytes[index]
        if first < 0x80 { return isSpace(first) || (0x1C...0x1F).contains(first) ? 1 : 0 }
        guard first == 0xC2 || (0xE1...0xE3).contains(first), index + 1 < bytes.count else { return 0 }
        let second = bytes[index + 1]
        // U+0085, U+00A0
        if first == 0xC2 { return second == 0x85 || second == 0xA0 ? 2 : 0 }
        guard index + 2 < bytes.count else { return 0 }
        switch (first, second, bytes[index + 2]) {
        // U+1680; U+2000 to U+200A, U+2028, U+2029, U+202F; U+205F; U+3000
        case (0xE1, 0x9A, 0x80), (0xE2, 0x80, 0x80...0x8A), (0xE2, 0x80, 0xA8), (0xE2, 0x80, 0xA9), (0xE2, 0x80, 0xAF),
            (0xE2, 0x81, 0x9F), (0xE3, 0x80, 0x80):
            return 3
        default: return 0
        }
    }

    /// What stands between whitespace, `countMax` pieces and the rest at most.
    func words(countMax: Int = .max) -> [ArraySlice<UInt8>] {
        let bytes = bytes
        var words: [ArraySlice<UInt8>] = []
        var index = 0
        while index < bytes.count {
            let space = whitespaceByteCount(at: index)
            guard space == 0 else {
                index += space
                continue
            }
            guard words.count < countMax else { return words + [bytes[index...]] }
            let start = index
            while index < bytes.count, whitespaceByteCount(at: index) == 0 { index += 1 }
            words.append(bytes[start..<index])
        }
        return words
    }

    /// - Parameter separator: Not empty.
    func pieces(separatedBy separator: [UInt8], countMax: Int) -> [ArraySlice<UInt8>] {
        let bytes = bytes
        var pieces: [ArraySlice<UInt8>] = []
        var (start, index) = (0, 0)
        while index + separator.count <= bytes.count, pieces.count < countMax {
            guard bytes[index] == separator[0], bytes[index..<(index + separator.count)].elementsEqual(separator) else {
                index += 1
                continue
            }
            pieces.append(bytes[start..<index])
            index += separator.count
            start = index
        }
        return pieces + [bytes[start...]]
    }
}
