/// Base64 of RFC 4648 section 4, with the line breaks of RFC 2045 accepted.
package enum Base64 {
    private static let invalid: UInt8 = 0xFF

    private static let alphabet = [UInt8]("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The six bits that a character stands for, or ``invalid``.
    private static let sextets: [UInt8] = {
        var table = [UInt8](repeating: invalid, count: 256)
        for (sextet, character) in alphabet.enumerated() { table[Int(character)] = UInt8(sextet) }
        return table
    }()

    package static func decode(_ text: [UInt8]) -> [UInt8]? { text.withUnsafeBufferPointer { decode($0) } }

    /// Whitespace is ignored wherever it stands.
    ///
    /// - Returns: nil for a character outside the alphabet, a length (without whitespace) that is no multiple of four,
    ///   padding anywhere but at the end, or spare bits that are not zero (RFC 4648 section 3.5).
    static func decode(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        let byteCountMax = text.count / 4 * 3 + 3
        var isValid = false
        let bytes = [UInt8](unsafeUninitializedCapacity: byteCountMax) { output, count in
            if let written = sextets.withUnsafeBufferPointer({ decode(text, sextets: $0, into: output) }) {
                isValid = true
                count = written
            }
        }
        return isValid ? bytes : nil
    }

    private static func decode(
        _ text: UnsafeBufferPointer<UInt8>, sextets: UnsafeBufferPointer<UInt8>,
        into output: UnsafeMutableBufferPointer<UInt8>
    ) -> Int? {
        var position = 0
        var written = 0
        // Whole groups of four without whitespace or padding; the rest goes through the careful loop.
        while position + 4 <= text.count {
            let first = sextets[Int(text[position])], second = sextets[Int(text[position + 1])]
            let third = sextets[Int(text[position + 2])], fourth = sextets[Int(text[position + 3])]
            guard (first | second | third | fourth) < 64 else {
                guard isXMLWhitespace(text[position]) else { break }
                position += 1
                continue
            }
            output[written] = first << 2 | second >> 4
            output[written + 1] = second << 4 | third >> 2
            output[written + 2] = third << 6 | fourth
            position += 4
            written += 3
        }
        return decodeTail(text[position...], sextets: sextets, into: output, from: written)
    }

    private static func decodeTail(
        _ text: Slice<UnsafeBufferPointer<UInt8>>, sextets: UnsafeBufferPointer<UInt8>,
        into output: UnsafeMutableBufferPointer<UInt8>, from start: Int
    ) -> Int? {
        var written = start
        var group: UInt32 = 0
        var groupCount = 0
        var paddingCount = 0
        for character in text where !isXMLWhitespace(character) {
            if paddingCount > 0, groupCount == 0 { return nil }
            if character == UInt8(ascii: "=") {
                guard groupCount >= 2 else { return nil }
                paddingCount += 1
                group <<= 6
            } else {
                let sextet = sextets[Int(character)]
                guard sextet != invalid, paddingCount == 0 else { return nil }
                group = group << 6 | UInt32(sextet)
            }
            groupCount += 1
            guard groupCount == 4 else { continue }
            let spareBits: UInt32 = paddingCount == 2 ? 0xFFFF : paddingCount == 1 ? 0xFF : 0
            guard group & spareBits == 0 else { return nil }
            for index in 0..<(3 - paddingCount) {
                output[written] = UInt8(truncatingIfNeeded: group >> UInt32(16 - 8 * index))
                written += 1
            }
            group = 0
            groupCount = 0
        }
        return groupCount == 0 ? written : nil
    }

    /// One line, padded.
    package static func append(_ bytes: [UInt8], to output: inout [UInt8]) {
        let byteCount = bytes.count
        output.reserveCapacity(output.count + (byteCount + 2) / 3 * 4)
        alphabet.withUnsafeBufferPointer { alphabet in
            var position = 0
            while position < byteCount {
                let remaining = byteCount - position
                let first = bytes[position]
                let second = remaining > 1 ? bytes[position + 1] : 0
                let third = remaining > 2 ? bytes[position + 2] : 0
                output.append(alphabet[Int(first >> 2)])
                output.append(alphabet[Int((first & 0x03) << 4 | second >> 4)])
                output.append(remaining > 1 ? alphabet[Int((second & 0x0F) << 2 | third >> 6)] : UInt8(ascii: "="))
                output.append(remaining > 2 ? alphabet[Int(third & 0x3F)] : UInt8(ascii: "="))
                position += 3
            }
        }
    }
}
