import Glibc
import Model
import TestSupport
import Testing

@testable import Master

/// One file of many parts.
@Suite final class PartMergeTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func merge(_ parts: [[UInt8]], forms: DataForms = DataForms()) throws -> [UInt8] {
        var paths: [[UInt8]] = []
        for (index, part) in parts.enumerated() {
            let path = "\(folder.path)/part-0000\(index)"
            let file = creat(path, 0o644)
            #expect(write(file, part, part.count) == part.count)
            close(file)
            paths.append(Array(path.utf8))
        }
        let target = "\(folder.path)/merged"
        let count = try PartMerge.run(paths, forms: forms, into: Array(target.utf8))
        let file = open(target, O_RDONLY)
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: Int(count) + 1)
        #expect(read(file, &bytes, bytes.count) == Int(count))
        #expect(!TemporaryFolder.names(in: folder.path).contains { $0.contains("partial") })
        return Array(bytes.dropLast())
    }

    private func merge(_ parts: String...) throws -> String {
        String(decoding: try merge(parts.map { Array($0.utf8) }), as: UTF8.self)
    }

    @Test("lines come in the order of their keys, and those of one key as they stand in their part")
    func order() throws {
        #expect(try merge("a\t2\na\t1\nc\t1\n", "b\t1\nd\n", "") == "a\t2\na\t1\nb\t1\nc\t1\nd\n")
        #expect(try merge("", "") == "")
        #expect(try merge("b", "a") == "a\nb\n")
        // TAB ends a key and is no part of it: "a" comes before "a!", although TAB is smaller than any printable byte.
        #expect(try merge("a\t9\n", "a\u{1}\t1\n", "\t0\n") == "\t0\na\t9\na\u{1}\t1\n")
    }

    @Test("keys are those of the form that the parts are in, in the order of their bytes")
    func forms() throws {
        let whole = try merge([bytesOf("a\tz\nb\n"), bytesOf("a\ty\nc\n")], forms: DataForms(output: .key))
        #expect(whole == bytesOf("a\ty\na\tz\nb\nc\n"))
        // In the order of their keys' bytes: control characters, quotes, Z, backslash, a, what is longer, invalid UTF-8, ä.
        let lines = [
            #"{"key": "", "value": 1}"#, #"{"key": "\u0000", "value": "x"}"#, #"{"key": "\b", "value": 1}"#,
            #"{"key": "\t\n\f\r", "value": 1}"#, #"{"key": "\"", "value": 1}"#, #"{"key": "Z", "value": 2}"#,
            #"{"key": "\\", "value": 1}"#, #"{"key": "a", "value": "\"}"}"#, #"{"key": "a\u0001", "value": 3}"#,
            #"{"key": "a!", "value": 1}"#, #"{"key": "a\#u{FFFD}b", "key_base64": "YYBi", "value": 1}"#,
            #"{"key": "a\#u{FFFD}", "key_base64": "Yf8=", "value": 1}"#, #"{"key": "ä", "value": 1}"#,
        ]
        var parts = [[UInt8]](repeating: [], count: 3)
        for (index, line) in lines.enumerated() { parts[index * 7 % 3] += bytesOf(line + "\n") }
        #expect(try merge(parts, forms: DataForms(output: .json)) == bytesOf(lines.joined(separator: "\n") + "\n"))
        for line in ["x", #"{"key": "a"#, #"{"key": "\x", "value": 1}"#, #"{"key": "", "key_base64": "*""#] {
            #expect(throws: MergeError.self, "\(line)") {
                try merge([bytesOf(line), []], forms: DataForms(output: .json))
            }
        }
    }

    @Test("compressed parts are read as what they hold, and a target whose name says so is compressed")
    func compressed() throws {
        let one = Array((0..<50_000).map { "a\($0 + 100_000)\t\n" }.joined().utf8)
        let other = bytesOf("a100001\tx\nb\t1")
        for (packing, pack) in [(OutputCompression.gzip, Packed.gzip), (.zstandard, Packed.zstandard)] {
            let forms = DataForms(compression: packing)
            #expect(try merge([pack(one), pack(other)], forms: forms) == (try merge([one, other])))
            #expect(throws: MergeError.self) { try merge([pack(one).dropLast(30), pack(other)], forms: forms) }
            #expect(throws: MergeError.self) { try merge([one, other], forms: forms) }
        }
    }

    private func bytesOf(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test("bytes of any kind go through, and so do lines longer than all buffers")
    func bytes() throws {
        let long = [UInt8](repeating: 0xFE, count: 3_000_000)
        let merged = try merge([[0xFD, 9, 0, 13, 10] + long + [10], [0, 10, 0xFE, 10]])
        #expect(merged == [0, 10, 0xFD, 9, 0, 13, 10, 0xFE, 10] + long + [10])
    }

    @Test("many keys in many parts are merged as sort would", arguments: [1, 2, 7] as [UInt64])
    func many(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let lines = (0..<5_000).map { _ in
            "\(Int.random(in: 0..<2_000, using: &random))\t\(Int.random(in: 0..<9, using: &random))"
        }
        var parts = [[String]](repeating: [], count: Int(seed) + 1)
        for line in lines {
            let key = line.split(separator: "\t")[0]
            parts[Int(key).map { $0 % parts.count } ?? 0].append(line)
        }
        let sorted = parts.map { part in
            part.enumerated().sorted {
                let keys = ($0.element.split(separator: "\t")[0], $1.element.split(separator: "\t")[0])
                return keys.0 == keys.1 ? $0.offset < $1.offset : keys.0.utf8.lexicographicallyPrecedes(keys.1.utf8)
            }.map(\.element)
        }
        let merged = try merge(sorted.map { part in Array(part.map { $0 + "\n" }.joined().utf8) })
        let expected = sorted.flatMap { $0 }.enumerated().sorted {
            let keys = ($0.element.split(separator: "\t")[0], $1.element.split(separator: "\t")[0])
            return keys.0 == keys.1 ? $0.offset < $1.offset : keys.0.utf8.lexicographicallyPrecedes(keys.1.utf8)
        }.map(\.element)
        #expect(merged == Array(expected.map { $0 + "\n" }.joined().utf8))
    }

    @Test("one part, and parts that are in order as they stand, may hold any lines")
    func chained() throws {
        #expect(try merge("b\na") == "b\na\n")
        folder.write("one", "9 b\n10 a\n")
        folder.write("two", "x")
        let parts = ["one", "two"].map { Array("\(folder.path)/\($0)".utf8) }
        #expect(try PartMerge.run(parts, areInOrder: true, into: Array("\(folder.path)/all".utf8)) == 11)
    }

    @Test("a part without order is named with its line, and leaves no file")
    func withoutOrder() throws {
        #expect(throws: MergeError.notInOrder(path: "\(folder.path)/part-00001", line: 3)) {
            try merge("a\n", "b\nc\nb\n")
        }
        #expect(TemporaryFolder.names(in: folder.path) == ["part-00000", "part-00001"])
    }
}
