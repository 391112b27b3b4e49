import ApplicationAPI
import Applications
import Model
import TaskRuntime
import TestSupport
import Testing

/// The applications beside other programs, on awkward data, whatever the splits, the budget and the number of parts.
@Suite struct ApplicationOpinionTests {
    /// One application with its options, and what prints the same.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        var options: [String: String] = [:]
        /// A command of the shell, or `python` and arguments of the script.
        let opinion: String

        var testDescription: String { "\(name) \(options.sorted { $0.key < $1.key })" }

        func application() throws -> any Application {
            try ApplicationRegistry(BuiltInApplications.all).make(name, options: options.mapValues { bytes($0) })
        }

        func expected(_ files: [NamedBytes]) throws -> [UInt8] {
            let opinion = Opinion(files)
            guard self.opinion.hasPrefix("python ") else { return try opinion(self.opinion) }
            return try opinion.python(String(self.opinion.dropFirst("python ".count)))
        }
    }

    /// Runs a job in one part and in three, and compares.
    private func check(_ test: Case, _ files: [NamedBytes], seed: UInt64) throws {
        let expected = try test.expected(files)
        var input = AwkwardInput(seed: seed)
        let application = try test.application()
        for memoryByteCount in [2_000, 128 << 20] {
            let splits = input.splits(of: files)
            let run = JobRun(memoryByteCount: memoryByteCount)
            let whole = try run(application, files: files, splits: splits).parts
            #expect(whole == [expected], "\(test.testDescription), \(run); seed \(seed)")
            guard application.partCountMax == nil else { continue }
            let parted = JobRun(
                partitionCount: 3, memoryByteCount: memoryByteCount,
                cutPoints: application.partitioning == .keyRanges ? [bytes("a\t"), bytes("hot\t3")] : nil)
            let parts = try parted(application, files: files, splits: splits).parts
            let oracle = try SequentialRun.parts(
                application, files: files, partitionCount: 3, cutPoints: parted.cutPoints)
            #expect(parts == oracle, "\(test.testDescription), \(parted); seed \(seed)")
            #expect(
                try sorted(Array(parts.joined())) == sorted(expected),
                "\(test.testDescription), \(parted); seed \(seed)")
        }
    }

    /// The lines of a result in order.
    private func sorted(_ text: [UInt8]) throws -> [UInt8] {
        try Opinion([(name: bytes("text"), bytes: text)])("sort text")
    }

    private static let figureCases: [Case] =
        ["sum", "min", "max"].map { Case(name: $0, opinion: "python figure \($0) in") } + [
            Case(name: "mean", opinion: "python figure mean in 9"),
            Case(name: "mean", options: ["decimals": "0"], opinion: "python figure mean in 0"),
            Case(name: "mean", options: ["decimals": "36"], opinion: "python figure mean in 36"),
        ]

    @Test("Figures by key are what exact fractions give", arguments: figureCases, AwkwardTable.Shape.allCases)
    func figures(_ test: Case, _ shape: AwkwardTable.Shape) throws {
        var table = AwkwardTable(seed: 1)
        try check(test, [(name: bytes("in"), bytes: table.numbers(shape))], seed: 1)
    }

    private static let textCases: [Case] = [
        Case(name: "sort", opinion: "sort in"),
        Case(name: "sort", options: ["unique": ""], opinion: "sort -u in"),
        Case(name: "sort", options: ["sort-key": "2,1r"], opinion: "sort -t \"$(printf '\\t')\" -k2,2 -k1,1r in"),
        Case(
            name: "sort", options: ["sort-key": "2n,3", "field-separator": "a"], opinion: "sort -t a -k2,2n -k3,3 in"),
        Case(
            name: "sort", options: ["sort-key": "1", "unique": ""], opinion: "sort -u -t \"$(printf '\\t')\" -k1,1 in"),
        Case(name: "uniq", opinion: "sort -u in"),
        Case(name: "uniq", options: ["count": "true"], opinion: "sort in | uniq -c"),
        Case(name: "top", opinion: "python top words 10 in"),
        Case(name: "top", options: ["k": "3", "letters": "", "lowercase": ""], opinion: "python top letters 3 in"),
        Case(name: "top", options: ["k": "100000", "lines": "1"], opinion: "python top lines 100000 in"),
        Case(name: "top", options: ["k": "7", "field": "3"], opinion: "python top 3 7 in"),
        Case(name: "ngrams", opinion: "python ngrams words 2 in"),
        Case(name: "ngrams", options: ["n": "1"], opinion: "python ngrams words 1 in"),
        Case(name: "ngrams", options: ["n": "5"], opinion: "python ngrams words 5 in"),
        Case(
            name: "ngrams", options: ["n": "3", "letters": "", "lowercase": ""], opinion: "python ngrams letters 3 in"),
    ]

    @Test("Lines and words are counted as by other programs", arguments: textCases, AwkwardTable.Shape.allCases)
    func texts(_ test: Case, _ shape: AwkwardTable.Shape) throws {
        var table = AwkwardTable(seed: 3)
        try check(test, [(name: bytes("in"), bytes: table.texts(shape))], seed: 3)
    }

    private static let sortByKey = "sort -s -t '\t' -k 1,1"
    private static let sides = ["left": "left*", "right": "right*"]
    private static let joinCases: [Case] =
        [
            Case(
                name: "join", options: sides,
                opinion: "\(sortByKey) left > l; \(sortByKey) right > r; join -t '\t' l r; rm l r"),
            Case(name: "join", options: sides, opinion: "python join inner 1 1 '' left right"),
        ]
        + ["left", "right", "outer"].map { kind in
            Case(
                name: "join", options: sides.merging(["type": kind, "empty": "-", "left-field": "2"]) { $1 },
                opinion: "python join \(kind) 2 1 - left right")
        } + [
            Case(
                name: "join", options: sides.merging(["type": "outer", "field": "3"]) { $1 },
                opinion: "python join outer 3 3 '' left right")
        ]

    @Test(
        "Lines are joined as by other programs, whichever file comes first", arguments: joinCases,
        AwkwardTable.Shape.allCases)
    func joins(_ test: Case, _ shape: AwkwardTable.Shape) throws {
        var table = AwkwardTable(seed: 5)
        let left = (name: bytes("left"), bytes: table.texts(shape, count: 40))
        let right = (name: bytes("right"), bytes: table.texts(.mixed, count: 40))
        try check(test, [left, right], seed: 5)
        try check(test, [right, left], seed: 5)
    }

    @Test("A key with very many left lines is joined within the budget for a few right ones")
    func hotLeftKey() throws {
        let left = (0..<20_000).map { "hot\t\($0)\n" }.joined() + "cold\t1\n"
        let files = [
            (name: bytes("left"), bytes: bytes(left)), (name: bytes("right"), bytes: bytes("hot\ta\nhot\tb\n")),
        ]
        let test = Case(
            name: "join", options: ["left": "left", "right": "right"], opinion: "python join inner 1 1 '' left right")
        let outcome = try JobRun(memoryByteCount: 100_000)(
            try test.application(), files: files, splits: [wholePieces(files)])
        #expect(try outcome.parts == [test.expected(files)])
    }

    @Test("More right lines of one key than are held are an error that names the key")
    func hotRightKey() throws {
        let row = bytes("hot\t") + [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20) + [10]
        var right: [UInt8] = []
        for _ in 0..<64 { right += row }
        let files = [(name: bytes("right"), bytes: right), (name: bytes("left"), bytes: bytes("hot\n"))]
        let join = try ApplicationRegistry(BuiltInApplications.all).make(
            "join", options: ["left": bytes("left"), "right": bytes("right")])
        let error = #expect(throws: (any Error).self) {
            try JobRun()(join, files: files, splits: [wholePieces(files)])
        }
        #expect(
            "\(error.map { "\($0)" } ?? "")".hasPrefix("key \"hot\" has more than 67108864 bytes of lines on the right")
        )
    }

    @Test("A job with more parts than its application can make is refused by its map tasks")
    func tooManyParts() throws {
        let files = [(name: bytes("f"), bytes: bytes("a"))]
        let top = try ApplicationRegistry(BuiltInApplications.all).make("top")
        #expect(throws: TaskError.tooManyParts(2, application: "top", countMax: 1)) {
            try JobRun(partitionCount: 2)(top, files: files, splits: [wholePieces(files)])
        }
    }
}
