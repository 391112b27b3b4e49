import Foundation
import Testing

/// One case of Cases/requests.txt.
struct RawCase: Sendable, CustomTestStringConvertible {
    var name = ""
    var rule = ""
    var send: [UInt8] = []
    /// Sent after the first answer.
    var then: [UInt8] = []
    var settings: [String: Duration] = [:]
    var statuses: [Int] = []
    var closes = false
    var header: String?
    var text: String?

    var testDescription: String { name }

    static func all() throws -> [RawCase] {
        guard let url = Bundle.module.url(forResource: "requests", withExtension: "txt", subdirectory: "Cases") else {
            throw Malformed(line: "requests.txt is missing")
        }
        var cases: [RawCase] = []
        for line in try String(contentsOf: url, encoding: .utf8).split(separator: "\n") where !line.hasPrefix("#") {
            let halves = line.split(separator: ":", maxSplits: 1)
            guard halves.count == 2 else { throw Malformed(line: String(line)) }
            let value = String(halves[1].drop { $0 == " " })
            if halves[0] == "case" { cases.append(RawCase(name: value)) }
            try cases[cases.count - 1].take(key: halves[0], value: value)
        }
        return cases
    }

    struct Malformed: Error { let line: String }

    private mutating func take(key: Substring, value: String) throws {
        switch key {
        case "case": break
        case "rule": rule = value
        case "send": send += try RawCase.bytes(value)
        case "then": then += try RawCase.bytes(value)
        case "set":
            let words = value.split(separator: " ")
            guard words.count == 2, let milliseconds = Int(words[1]) else { throw Malformed(line: value) }
            settings[String(words[0])] = .milliseconds(milliseconds)
        case "want":
            let words = value.split(separator: " ")
            statuses = words.dropLast().compactMap { Int($0) }
            closes = words.last == "close"
        case "head": header = value
        case "text": text = value
        default: throw Malformed(line: String(key))
        }
    }

    private static func bytes(_ text: String) throws -> [UInt8] {
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

    private static func expanded(_ text: String) -> String {
        var result =
            text
            .replacing("{echo}", with: Requests.echo)
            .replacing("{echo-length}", with: String(Requests.echo.utf8.count))
            .replacing("{echo-length-hex}", with: String(Requests.echo.utf8.count, radix: 16))
        result = PackedBodies.expanded(result)
        while let match = result.firstMatch(of: /\{repeat ([0-9]+) ([^}]*)\}/) {
            result.replaceSubrange(match.range, with: String(repeating: String(match.2), count: Int(match.1) ?? 0))
        }
        return result
    }
}
