import ApplicationAPI

/// The crash test of the MIT lab: before each map and reduce a third of the tries exits, another third dawdles.
///
/// A fourth way to go wrong is to stand still until the lease is over and the test lets the process go on. What happens
/// follows from the seed, the task and the try, so that a run can be repeated; the third try of a task always goes well,
/// because a task that is lost four times fails its job.
struct LabCrash: Application {
    static let name = "lab-crash"
    static let summary = "crashes, stalls and dawdles, and lists documents in between"
    static let options = [
        ApplicationOption("signals", "the folder for the counts of tries"),
        ApplicationOption("seed", "decides what goes wrong"),
        ApplicationOption("sleep", "milliseconds that a slow try takes at most"),
    ]
    let recordFormat = RecordFormat.wholeFile
    private let signals: Signals
    private let seed: Int
    private let sleepMax: Int

    init(options: ApplicationOptions) throws {
        signals = try Signals(options)
        seed = try options.integer("seed") ?? 1
        sleepMax = try options.integer("sleep") ?? 1_000
    }

    func map(_ record: borrowing Record, to output: MapOutput) {
        goWrong("map-" + String(decoding: record.fileName, as: UTF8.self).filter { $0 != "/" })
        LabNoCrash(options: ApplicationOptions()).map(record, to: output)
    }

    func reduce(_ key: Bytes, _ values: inout Values, to output: ReduceOutput) {
        goWrong("reduce-\(String(decoding: key, as: UTF8.self))")
        LabNoCrash(options: ApplicationOptions()).reduce(key, &values, to: output)
    }

    private func goWrong(_ task: String) {
        let number = signals.count("try-\(task)")
        guard number <= 2 else { return }
        let draw = hash("\(seed) \(task) \(number)")
        switch draw % 4 {
        case 0: Crash.byExit()
        case 1: Crash.byStopping()
        case 2: Pause.milliseconds(Int(draw / 4 % UInt64(sleepMax)))
        default: break
        }
    }

    /// FNV-1a, 64 bits, its halves folded: the low bits of FNV alone follow those of the text.
    private func hash(_ text: String) -> UInt64 {
        let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return hash ^ hash >> 32
    }
}

/// The same without crashing: names, lengths of names, lengths of contents, and a constant, each list sorted.
struct LabNoCrash: Application {
    static let name = "lab-nocrash"
    static let summary = "lists documents"
    let recordFormat = RecordFormat.wholeFile

    init(options: ApplicationOptions) {}

    func map(_ record: borrowing Record, to output: MapOutput) {
        output.emit("a", record.fileName)
        output.emit("b", "\(record.fileName.count)")
        output.emit("c", "\(record.bytes.count)")
        output.emit("d", "xyzzy")
    }

    func reduce(_ key: Bytes, _ values: inout Values, to output: ReduceOutput) {
        output.write(key, values.texts.sorted().joined(separator: " "))
    }
}
