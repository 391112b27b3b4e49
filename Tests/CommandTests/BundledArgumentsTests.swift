import CommandSupport
import TestSupport
import Testing

@Suite("Long command lines")
struct BundledArgumentsTests {
    /// What a parser would return as inputs: all that are neither options nor a value of `--value`.
    private func inputs(_ arguments: [String]) -> [String] {
        var inputs: [String] = []
        var isValue = false
        for argument in arguments {
            if !isValue && (argument == "-" || !argument.hasPrefix("-")) { inputs.append(argument) }
            isValue = argument == "--value"
        }
        return inputs
    }

    @Test("keep every input, in order, wherever the options stand", arguments: UInt64(0)..<200)
    func order(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var arguments: [String] = []
        for run in 0..<Int.random(in: 0...4, using: &random) {
            arguments += (0..<Int.random(in: 0...60, using: &random)).map { $0 % 7 == 3 ? "-" : "\(run)-\($0)" }
            arguments +=
                [["--flag"], ["--value", "v"], ["--value=v"], ["-"], [""]].randomElement(using: &random) ?? []
        }
        let bundled = BundledArguments(arguments)
        #expect(bundled.unbundled(inputs(bundled.parsed)) == inputs(arguments), "seed \(seed)")
        let options = arguments.filter { $0.hasPrefix("--") }
        #expect(bundled.parsed.filter { $0.hasPrefix("--") } == options, "seed \(seed)")
    }

    @Test("are short for the parser")
    func length() {
        let bundled = BundledArguments(["--value", "v"] + (0..<10_000).map { "file-\($0)" } + ["--flag"])
        #expect(bundled.parsed.count == 5)
        #expect(bundled.parsed.prefix(3) == ["--value", "v", "file-0"])
    }

    @Test("with the private character in them are left alone")
    func privateCharacter() {
        let arguments = (0..<100).map { "file-\($0)" } + ["\u{F6FF}0"]
        let bundled = BundledArguments(arguments)
        #expect(bundled.parsed == arguments)
        #expect(bundled.unbundled(arguments) == arguments)
    }
}
