import ApplicationAPI
import Applications
import Testing

/// top, uniq and ngrams.
@Suite struct CountingTests {
    private func count(_ name: String, _ options: [String: String], _ text: String) throws -> String {
        String(decoding: try run(name, options: options, [("f", Array(text.utf8))]), as: UTF8.self)
    }

    @Test("The most frequent come first, and equally frequent ones in byte order")
    func top() throws {
        let text = "b a c\nB a b\nd"
        #expect(try count("top", text) == "a\t2\nb\t2\nB\t1\nc\t1\nd\t1\n")
        #expect(try count("top", ["k": "3"], text) == "a\t2\nb\t2\nB\t1\n")
        #expect(try count("top", ["k": "1", "lowercase": ""], text) == "b\t3\n")
        #expect(try count("top", ["k": "5"], "") == "")
    }

    private func count(_ name: String, _ text: String) throws -> String { try count(name, [:], text) }

    @Test("The most frequent lines or fields are found in place of words")
    func topOfOthers() throws {
        #expect(try count("top", ["lines": ""], "a b\n\na b\n\n\nc") == "\t3\na b\t2\nc\t1\n")
        #expect(try count("top", ["field": "2", "separator": ":"], "a:b\nc:b:d\ne\n") == "b\t2\n\t1\n")
    }

    @Test(
        "Options of top that don't go together are refused",
        arguments: [
            (["k": "0"], "k"), (["k": "1000001"], "k"), (["lines": "", "field": "1"], "lines"),
            (["lines": "", "letters": ""], "letters"), (["field": "1", "lowercase": ""], "lowercase"),
            (["separator": ","], "separator"),
        ] as [([String: String], String)])
    func wrongTop(options: [String: String], name: String) {
        let error = #expect(throws: ApplicationOptionError.self) { try count("top", options, "") }
        #expect(error?.option == name)
    }

    @Test("Many keys with the same count are told apart by their bytes, whatever came before")
    func ties() throws {
        // Counts that rise, so that each key takes the place of another.
        var text = ""
        for number in 100..<400 { text += String(repeating: "w\(number)\n", count: (number - 100) / 10 + 1) }
        let expected = (0..<25).map { "w\($0 < 10 ? 390 + $0 : $0 < 20 ? 370 + $0 : 350 + $0)\t\(30 - $0 / 10)\n" }
        #expect(try count("top", ["k": "25"], text) == expected.joined())
    }

    @Test("Each line is written once, with its count where that is asked for")
    func uniq() throws {
        let text = "b\na\r\n\nb\nb"
        #expect(try count("uniq", text) == "\na\r\nb\n")
        #expect(try count("uniq", ["count": "true"], text) == "      1 \n      1 a\r\n      3 b\n")
        let many = String(repeating: "\n", count: 12_345_678 / 1000)
        #expect(try count("uniq", ["count": "true"], many) == "  12345 \n")
    }

    @Test("Runs of words don't go beyond their line, and are joined by one space")
    func ngrams() throws {
        let text = "a  b\tc\r\nd\n\nb c"
        #expect(try count("ngrams", text) == "a b\t1\nb c\t2\n")
        #expect(try count("ngrams", ["n": "3"], text) == "a b c\t1\n")
        #expect(try count("ngrams", ["n": "1"], text) == "a\t1\nb\t2\nc\t2\nd\t1\n")
        #expect(try count("ngrams", ["letters": "", "lowercase": ""], "Don't STOP") == "don t\t1\nt stop\t1\n")
        for n in ["0", "101", "two"] {
            #expect(throws: ApplicationOptionError.self) { try count("ngrams", ["n": n], "") }
        }
    }

    @Test("Words that are longer than what is kept of a line are put together all the same")
    func longWords() throws {
        let long = String(repeating: "x", count: 150_000)
        let short = String(repeating: "y ", count: 50_000)
        #expect(try count("ngrams", "\(long) a \(long)a b") == "a \(long)a\t1\n\(long) a\t1\n\(long)a b\t1\n")
        #expect(
            try count("ngrams", ["n": "3"], "z \(short)\(long) a")
                == "y \(long) a\t1\ny y \(long)\t1\ny y y\t49998\nz y y\t1\n")
    }
}
