/// The notation of the case files: text with escapes for bytes.
enum CaseText {
    struct Malformed: Error { let line: String }

    /// `{repeat COUNT TEXT}` written out.
    static func expanded(_ text: String) -> String {
        var result = text
        while let match = result.firstMatch(of: /\{repeat ([0-9]+) ([^}]*)\}/) {
            result.replaceSubrange(match.range, with: String(repeating: String(match.2), count: Int(match.1) ?? 0))
        }
        return result
    }

    /// UTF-8, with `\r`, `\n`, `\t`, `\0`, `\xNN` and `\\` for bytes.
    static func bytes(_ text: String) throws -> [UInt8] {
        var result: [UInt8] = []
        var rest = Array(expanded(text).utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                result.append(byte)
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "r"): result.append(13)
            case UInt8(ascii: "n"): result.append(10)
            case UInt8(ascii: "t"): result.append(9)
            case UInt8(ascii: "0"): result.append(0)
            case UInt8(ascii: "\\"): result.append(UInt8(ascii: "\\"))
            case UInt8(ascii: "x"):
                guard let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
                    throw Malformed(line: text)
                }
                result.append(value)
                rest = rest.dropFirst(2)
            default: throw Malformed(line: text)
            }
        }
        return result
    }

    /// The cases of a file, each with its lines in order, comments left out.
    static func cases(in text: String) throws -> [[(key: String, value: String)]] {
        var cases: [[(key: String, value: String)]] = []
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            guard let colon = line.firstIndex(of: ":") else { throw Malformed(line: String(line)) }
            let key = String(line[..<colon])
            var value = line[line.index(after: colon)...]
            // One space belongs to the notation, further ones to the value.
            if value.first == " " { value.removeFirst() }
            if key == "case" { cases.append([]) }
            guard !cases.isEmpty else { throw Malformed(line: String(line)) }
            cases[cases.count - 1].append((key, String(value)))
        }
        return cases
    }
}
