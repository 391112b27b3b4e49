import ApplicationAPI
import Applications
import Testing

@Suite struct JoinTests {
    private let users = Array("ann\tParis\nbob\tRome\nbob\tBonn\n".utf8)
    private let orders = Array("cid\tcup\nann\tpen\nbob\tink\nann\tbook".utf8)

    private func join(
        _ options: [String: String] = [:], left: [UInt8]? = nil, right: [UInt8]? = nil
    ) throws -> String {
        let options = ["left": "orders*", "right": "users.tsv"].merging(options) { $1 }
        let files = [(name: "in/users.tsv", bytes: right ?? users), (name: "orders-1.tsv", bytes: left ?? orders)]
        return String(decoding: try run("join", options: options, files), as: UTF8.self)
    }

    @Test("Each left line comes with each right line of its key, and those without a match as the type says")
    func types() throws {
        let both = ["ann\tpen\tParis", "ann\tbook\tParis", "bob\tink\tRome", "bob\tink\tBonn"]
        #expect(try join() == both.map { "\($0)\n" }.joined())
        #expect(try join(["type": "inner"]) == join())
        #expect(try join(["type": "left"]) == (both + ["cid\tcup\t"]).map { "\($0)\n" }.joined())
        let left = Array("bob\tink\nzoe\tzip".utf8)
        #expect(try join(["type": "right"], left: left) == "ann\t\tParis\nbob\tink\tRome\nbob\tink\tBonn\n")
        #expect(
            try join(["type": "outer", "empty": "?"], left: left)
                == "ann\t?\tParis\nbob\tink\tRome\nbob\tink\tBonn\nzoe\tzip\t?\n")
    }

    @Test("A side of several other fields is filled up with as many where empty says so, as join -e '?' -o auto does")
    func manyFields() throws {
        let right = Array("ann\tParis\tFrance\nbob\tRome\tItaly\n".utf8)
        #expect(
            try join(["type": "left", "empty": "?\t?"], right: right)
                == "ann\tpen\tParis\tFrance\nann\tbook\tParis\tFrance\nbob\tink\tRome\tItaly\ncid\tcup\t?\t?\n")
    }

    @Test("The key may be another field on each side, and comes first in what is written")
    func fields() throws {
        let options = ["separator": ",", "field": "2", "right-field": "1", "type": "outer"]
        let text = try join(options, left: Array("x,k,y\n,k\nz\n".utf8), right: Array("k\nk,1,2\n,3\n".utf8))
        #expect(text == ",z,3\nk,x,y\nk,x,y,1,2\nk,\nk,,1,2\n")
    }

    @Test("Keys with NULs, and keys that begin other keys, are told apart and in order")
    func awkwardKeys() throws {
        let keys: [[UInt8]] = [[], [0], [0, 0], [0, 1], [0, 255], [1], [97], [97, 0], [97, 0, 1], [97, 1], [255]]
        let text: [UInt8] = keys.reversed().flatMap { $0 + [9, 46, 10] }
        let output = Array(
            try run(
                "join", options: ["left": "l", "right": "r"], [(name: "r", bytes: text), (name: "l", bytes: text)]))
        #expect(output == keys.flatMap { $0 + [9, 46, 9, 46, 10] } as [UInt8])
    }

    @Test("Patterns with a slash are for whole names, others for what follows the last slash")
    func patterns() throws {
        func join(_ left: String, _ right: String) throws -> String {
            let files = [(name: "a/x.tsv", bytes: Array("k\t1".utf8)), (name: "b/x.tsv", bytes: Array("k\t2".utf8))]
            return String(decoding: try run("join", options: ["left": left, "right": right], files), as: UTF8.self)
        }
        #expect(try join("a/*", "b/?.tsv") == "k\t1\t2\n")
        #expect(try join("[b-z]/x.tsv", "[!b]/*") == "k\t2\t1\n")
        let both = #expect(throws: (any Error).self) { try join("*.tsv", "b/*") }
        #expect("\(both.map { "\($0)" } ?? "")".hasPrefix("input 'b/x.tsv' matches both left and right"))
        let neither = #expect(throws: (any Error).self) { try join("a/*", "y*") }
        #expect("\(neither.map { "\($0)" } ?? "")".hasPrefix("input 'b/x.tsv' matches neither left nor right"))
    }

    @Test(
        "Options that can't be used are refused",
        arguments: [
            (["left": ""], "left"), (["right": "a\u{0}b"], "right"), (["type": "full"], "type"),
            (["empty": "a\nb"], "empty"),
            (["left-field": "0"], "left-field"), (["separator": "::"], "separator"),
        ] as [([String: String], String)])
    func wrongOptions(options: [String: String], name: String) {
        let error = #expect(throws: ApplicationOptionError.self) { try join(options) }
        #expect(error?.option == name)
        let missing = #expect(throws: ApplicationOptionError.self) { try run("join", options: ["left": "a"], []) }
        #expect(missing?.option == "right")
    }
}
