import ApplicationAPI
import Applications
import TaskRuntime
import Testing

/// Runs an application on whole files and joins its parts.
func run(
    _ name: String, options: [String: String] = [:], _ files: [(name: String, bytes: [UInt8])]
) throws -> [UInt8] {
    let application = try ApplicationRegistry(BuiltInApplications.all)
        .make(name, options: options.mapValues { Array($0.utf8) })
    let files = files.map { (name: Array($0.name.utf8), bytes: $0.bytes) }
    return Array(try SequentialRun.parts(application, files: files, partitionCount: 1).joined())
}

@Suite struct GrepTests {
    private let text = Array("alpha\nbeta\r\n\ngamma alpha\nalp".utf8)

    private func grep(_ pattern: String, _ bytes: [UInt8]? = nil) throws -> String {
        String(decoding: try run("grep", options: ["pattern": pattern], [("f", bytes ?? text)]), as: UTF8.self)
    }

    @Test("A literal finds its lines with their numbers")
    func literal() throws {
        #expect(try grep("alpha") == "f:1\talpha\nf:4\tgamma alpha\n")
        #expect(try grep("alp") == "f:1\talpha\nf:4\tgamma alpha\nf:5\talp\n")
        #expect(try grep("nothing") == "")
    }

    @Test("An expression is anchored at lines, and keeps carriage returns")
    func expression() throws {
        #expect(try grep("^alpha$") == "f:1\talpha\n")
        #expect(try grep("a\r$") == "f:2\tbeta\r\n")
        #expect(try grep("^$") == "f:3\t\n")
        #expect(try grep("(alp|gam)[hm]") == "f:1\talpha\nf:4\tgamma alpha\n")
        #expect(try grep("") == "f:1\talpha\nf:2\tbeta\r\nf:3\t\nf:4\tgamma alpha\nf:5\talp\n")
    }

    @Test("Lines with NUL and invalid UTF-8 are searched to their end")
    func awkwardBytes() throws {
        let line: [UInt8] = [0, 0xFF, 0xC3] + Array("needle".utf8) + [0]
        let output = Array("f:1\t".utf8) + line + [10]
        for pattern in ["needle", "need.e", "^.{3}n", "e.$", "\u{0}$", "^[^a]*needle"] {
            #expect(try run("grep", options: ["pattern": pattern], [("f", line)]) == output, "pattern \(pattern)")
        }
    }

    @Test("Files are in byte order and lines in the order of numbers")
    func order() throws {
        let lines = Array(String(repeating: "x\n", count: 300).utf8)
        let expected = ["a", "b"].flatMap { name in (1...300).map { "\(name):\($0)\tx\n" } }.joined()
        let output = try run("grep", options: ["pattern": "x"], [("b", lines), ("a", lines)])
        #expect(String(decoding: output, as: UTF8.self) == expected)
    }

    @Test("A file name stays on its line and in its field")
    func escapedName() throws {
        let output = try run("grep", options: ["pattern": "x"], [("a\n\t\\,b", Array("x".utf8))])
        #expect(String(decoding: output, as: UTF8.self) == "a\\n\\t\\\\,b:1\tx\n")
    }

    @Test("A pattern that is missing or wrong is refused with the reason", arguments: ["(", "[a", "a{2,1}", "a\nb"])
    func wrongPattern(pattern: String) {
        #expect(throws: ApplicationOptionError.self) { try run("grep", []) }
        let error = #expect(throws: ApplicationOptionError.self) {
            try run("grep", options: ["pattern": pattern], [])
        }
        #expect(error?.option == "pattern")
        #expect(error?.problem.isEmpty == false)
    }

    @Test("A pattern that is too long is refused")
    func longPattern() {
        let pattern = String(repeating: "(", count: 4097)
        #expect(throws: ApplicationOptionError.self) { try run("grep", options: ["pattern": pattern], []) }
    }
}
