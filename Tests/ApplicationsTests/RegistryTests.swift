import ApplicationAPI
import Applications
import Testing

@Suite struct RegistryTests {
    private let registry = ApplicationRegistry(BuiltInApplications.all)

    @Test("The built-in applications are found by name")
    func names() {
        #expect(
            registry.names == [
                "grep", "index", "join", "max", "mean", "min", "ngrams", "sort", "sum", "top", "uniq", "wordcount",
            ])
        #expect(registry.type(named: "grep") == Grep.self)
        #expect(registry.type(named: "none") == nil)
    }

    @Test("An unknown application is refused with the names that there are")
    func unknownApplication() {
        let error = #expect(throws: UnknownApplicationError.self) { try registry.make("sorted") }
        #expect(
            error?.description
                == "there is no application \"sorted\"; this program has grep, index, join, max, mean, min, ngrams, sort, sum, top, uniq, wordcount"
        )
    }

    @Test("An unknown option is refused with the names that there are")
    func unknownOption() {
        let error = #expect(throws: ApplicationOptionError.self) {
            try registry.make("wordcount", options: ["lowerCase": []])
        }
        #expect(error?.description == "option lowerCase is not an option of wordcount; it has lowercase, letters")
        #expect(throws: ApplicationOptionError.self) { try registry.make("index", options: ["pattern": []]) }
    }

    @Test(
        "A flag takes only yes and no",
        arguments: [("", true), ("true", true), ("1", true), ("0", false), ("false", false)])
    func flags(value: String, means: Bool) throws {
        #expect(try ApplicationOptions(["lowercase": Array(value.utf8)]).flag("lowercase") == means)
        #expect(
            BuiltInApplications.isPlainWordCount(name: "wordcount", options: ["lowercase": Array(value.utf8)]) != means)
    }

    @Test("Option values that cannot be used are named")
    func wrongValues() {
        let options = ApplicationOptions(["flag": Array("yes".utf8), "number": Array("1x".utf8), "text": [0xFF]])
        let error = #expect(throws: ApplicationOptionError.self) { try options.flag("flag") }
        #expect(error?.description == "option flag, given as \"yes\", is neither true nor false")
        #expect(throws: ApplicationOptionError.self) { try options.integer("number") }
        #expect(throws: ApplicationOptionError.self) { try options.text("text") }
        #expect(!BuiltInApplications.isPlainWordCount(name: "wordcount", options: ["letters": Array("yes".utf8)]))
        #expect(!BuiltInApplications.isPlainWordCount(name: "grep", options: [:]))
        #expect(BuiltInApplications.isPlainWordCount(name: "wordcount", options: [:]))
    }
}
