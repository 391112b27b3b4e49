import ApplicationAPI

/// Word count over input that says what shall go wrong: words that begin with `@` are counted like all others, and
/// carried out when map or reduce comes by. So the right answer is always what word count gives.
///
///     @map-hold:NAME           wait until the test makes the file NAME.open; NAME.held.PID tells that this process waits
///     @map-crash:NAME:TIMES    the process kills itself, the first TIMES times
///     @map-throw:NAME:TIMES    the task fails, the first TIMES times
///     @map-sleep:MILLISECONDS  the task takes that long
///
/// and the same with `@reduce-`.
struct Scripted: Application {
    static let name = "scripted"
    static let summary = "counts words, and does what some of them say"
    static let options = [ApplicationOption("signals", "the folder in which tests and tasks leave word")]
    let aggregation = Aggregation.sum
    private let signals: Signals

    init(options: ApplicationOptions) throws { signals = try Signals(options) }

    func map(_ record: borrowing Record, to output: MapOutput) throws {
        for word in record.bytes.split(whereSeparator: { $0 == 0x20 || (0x09...0x0d).contains($0) }) {
            try Instruction(word, step: "map")?.run(signals)
        }
        output.addWords(in: record.bytes)
    }

    func reduce(_ key: Bytes, sum: Int64, to output: ReduceOutput) throws {
        try Instruction(key[...], step: "reduce")?.run(signals)
        output.write(key, sum)
    }
}

struct ScriptedFailure: Error, CustomStringConvertible {
    let description: String
}

/// What one word of the input asks for.
private struct Instruction {
    private let verb: Substring
    private let arguments: [Substring]

    /// nil for an ordinary word, and for an instruction to the other step.
    init?(_ word: Slice<Bytes>, step: String) {
        guard word.first == UInt8(ascii: "@") else { return nil }
        let parts = Substring(String(decoding: word, as: UTF8.self)).split(separator: ":")
        guard parts.count >= 2, parts[0].hasPrefix("@\(step)-") else { return nil }
        verb = parts[0].dropFirst(step.count + 2)
        arguments = Array(parts[1...])
    }

    func run(_ signals: Signals) throws {
        let name = String(arguments[0])
        switch verb {
        case "hold": signals.hold(name)
        case "sleep": Pause.milliseconds(Int(name) ?? 0)
        case "crash": if signals.isWithin(limit, of: name) { Crash.bySignal() }
        case "throw":
            if signals.isWithin(limit, of: name) {
                throw ScriptedFailure(description: "the input says to fail: \(name)")
            }
        default: preconditionFailure("no such instruction: \(verb)")
        }
    }

    private var limit: Int { arguments.count > 1 ? Int(arguments[1]) ?? 0 : 1 }
}
