import ApplicationAPI
import Glibc

/// Map tells how many workers are in map at the same moment.
struct LabMapTiming: Application {
    static let name = "lab-mtiming"
    static let summary = "tells how many workers map at once"
    static let options = [ApplicationOption("signals", "the folder where workers meet")]
    let recordFormat = RecordFormat.wholeFile
    private let meeting: Meeting

    init(options: ApplicationOptions) throws { meeting = Meeting(try Signals(options), step: "map") }

    func map(_ record: borrowing Record, to output: MapOutput) {
        let count = meeting.attend()
        output.emit("times-\(getpid())", "\(time(nil))")
        output.emit("parallel-\(getpid())", "\(count)")
    }

    func reduce(_ key: Bytes, _ values: inout Values, to output: ReduceOutput) {
        output.write(key, values.texts.sorted().joined(separator: " "))
    }
}

/// Reduce tells how many workers are in reduce at the same moment.
struct LabReduceTiming: Application {
    static let name = "lab-rtiming"
    static let summary = "tells how many workers reduce at once"
    static let options = [ApplicationOption("signals", "the folder where workers meet")]
    let recordFormat = RecordFormat.wholeFile
    private let meeting: Meeting

    init(options: ApplicationOptions) throws { meeting = Meeting(try Signals(options), step: "reduce") }

    func map(_ record: borrowing Record, to output: MapOutput) {
        for key in "abcdefghij" { output.emit(String(key), "1") }
    }

    func reduce(_ key: Bytes, _ values: inout Values, to output: ReduceOutput) {
        _ = values.texts
        output.write(key, "\(meeting.attend())")
    }
}

/// Where the workers that are in one step at one moment count each other. The lab sleeps a second to make them meet;
/// here the first waits for the second, up to a limit, and once two have met nobody waits any more.
private struct Meeting {
    private let signals: Signals
    private let step: String

    private static let waitMaxMilliseconds = 20_000

    init(_ signals: Signals, step: String) {
        self.signals = signals
        self.step = step
    }

    /// - Returns: How many live workers were there.
    func attend() -> Int {
        let badge = "in-\(step)-\(getpid())"
        signals.make(badge)
        defer { signals.remove(badge) }
        var count = liveCount
        wait {
            count = liveCount
            return count >= 2
        }
        // Whoever has seen another stays until the other has seen it too.
        if count >= 2 { signals.make("met-\(step)-\(getpid())") }
        wait { false }
        return count
    }

    private func wait(until isEnough: () -> Bool) {
        var waited = 0
        while waited < Self.waitMaxMilliseconds, !isEnough(), signals.names("met-\(step)-").count < 2 {
            Pause.milliseconds(5)
            waited += 5
        }
    }

    private var liveCount: Int {
        signals.names("in-\(step)-").count { name in
            pid_t(name.split(separator: "-").last ?? "").map { kill($0, 0) == 0 } ?? false
        }
    }
}
