import ApplicationAPI
import Applications
import Testing

@Suite struct IndexTests {
    @Test("Each word is listed with its files, once each and in byte order")
    func lists() throws {
        let output = try run("index", [("b", Array("one two two".utf8)), ("a", Array("two\nthree two\n".utf8))])
        #expect(String(decoding: output, as: UTF8.self) == "one\tb\nthree\ta\ntwo\ta,b\n")
    }

    @Test("Commas, tabs, newlines and backslashes in file names are escaped")
    func escapedNames() throws {
        let output = try run("index", [("a,b", Array("x".utf8)), ("c\n\t\\", Array("x".utf8))])
        #expect(String(decoding: output, as: UTF8.self) == "x\ta\\,b,c\\n\\t\\\\\n")
    }
}

@Suite struct WordCountTests {
    private let text = Array("The the THE don't 3 Käse\r\n".utf8)

    private func count(_ options: [String: String]) throws -> String {
        String(decoding: try run("wordcount", options: options, [("f", text)]), as: UTF8.self)
    }

    @Test("Words are counted as they are written unless options say otherwise")
    func options() throws {
        #expect(try count([:]) == "3\t1\nKäse\t1\nTHE\t1\nThe\t1\ndon't\t1\nthe\t1\n")
        #expect(try count(["lowercase": ""]) == "3\t1\ndon't\t1\nkäse\t1\nthe\t3\n")
        #expect(try count(["letters": ""]) == "K\t1\nTHE\t1\nThe\t1\ndon\t1\nse\t1\nt\t1\nthe\t1\n")
        #expect(try count(["letters": "", "lowercase": ""]) == "don\t1\nk\t1\nse\t1\nt\t1\nthe\t3\n")
    }
}
