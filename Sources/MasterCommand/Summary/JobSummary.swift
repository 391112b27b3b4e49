import Coordinator
import JSON
import LocalMachine
import Master
import Model

/// What is said of a job at its end, for people and for programs.
struct JobSummary {
    let plan: JobPlan
    let status: JobStatus?
    let outcome: JobOutcome
    let elapsed: Duration
    let output: [UInt8]
    /// How many jobs followed each other; this one was the last.
    var stepCount = 1

    private var counters: TaskCounters { status?.counters ?? TaskCounters() }
    private var inputBytes: Int64 { plan.files.reduce(0) { $0 + $1.byteCount } }

    private func partName(_ index: Int) -> String { OutputFolder.partName(index, plan.forms.compression) }

    var text: String {
        var lines = [
            stepCount > 1
                ? "\(stepCount) steps took \(TimeText.of(elapsed)), the last of them \(plan.application.name) over \(SizeText.of(inputBytes))"
                : "\(plan.application.name) took \(TimeText.of(elapsed)) for \(SizeText.of(inputBytes)), \(SizeText.rate(inputBytes, in: elapsed))"
        ]
        if let status {
            lines.append(
                "tasks     \(status.maps.total) map, \(status.reduces.total) reduce, in \(status.attemptsTried) attempts"
            )
        }
        lines.append("records   \(counters.inputRecords) read, \(counters.mapOutputRecords) made by map")
        if !plan.isMapOnly { lines.append("keys      \(counters.reduceKeys) distinct") }
        lines.append(
            "output    \(DisplayName.of(output))/\(partName(0)) to \(partName(plan.reduceCount - 1)), \(SizeText.of(counters.outputBytes))"
        )
        if counters.skippedRecords > 0 {
            lines.append(
                "skipped   \(counters.skippedRecords) on which a program fails: \(DisplayName.of(output))/_SKIPPED")
        }
        if let limits = LimitText.of(counters) { lines.append("limits    \(limits)") }
        let userCounters = status?.userCounters ?? UserCounters()
        lines += CounterText.lines(
            of: userCounters.counts.map { counter in
                let (group, name) = (DisplayName.of(counter.name.group), DisplayName.of(counter.name.name))
                return (CounterText.label(group: group, name: name), counter.value)
            }, isCut: userCounters.isCut)
        if let top = status?.topKeys, !top.isEmpty {
            lines.append("most frequent")
            for key in top { lines.append("  \(CounterText.padded(key.count))  \(DisplayName.of(key.key))") }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    var json: String {
        var members: [(String, JSONText)] = [
            ("outcome", .string(outcomeName)),
            ("application", .string(plan.application.name)),
            ("seconds", .number(elapsed / .seconds(1))),
            ("input_files", .integer(Int64(plan.files.count))),
            ("input_bytes", .integer(inputBytes)),
            ("megabytes_per_second", .number(Double(status?.inputBytesDone ?? 0) / 1e6 / (elapsed / .seconds(1)))),
            ("map_tasks", .integer(Int64(status?.maps.total ?? plan.splits.count))),
            ("reduce_tasks", .integer(Int64(plan.isMapOnly ? 0 : plan.reduceCount))),
            ("attempts", .integer(Int64(status?.attemptsTried ?? 0))),
            ("records", .integer(counters.inputRecords)),
            ("map_output_records", .integer(counters.mapOutputRecords)),
            ("distinct_keys", .integer(counters.reduceKeys)),
            ("skipped_records", .integer(counters.skippedRecords)),
            ("output", .string(String(decoding: output, as: UTF8.self))),
            ("output_bytes", .integer(counters.outputBytes)),
            ("counters", .object(TaskCounters.named.map { ($0.name, .integer(counters[keyPath: $0.path])) })),
            ("user_counters", (status?.userCounters ?? UserCounters()).json),
            ("user_counters_cut", .boolean(status?.userCounters.isCut ?? false)),
            ("most_frequent", .array((status?.topKeys ?? []).map(Self.json))),
        ]
        if case .failed(let failure) = outcome {
            members.append(("error", .string(FailureText.of(failure, files: plan.files))))
        }
        return JSONText.object(members).text
    }

    private static func json(of key: KeyCount) -> JSONText {
        var members: [(String, JSONText)] = [
            ("key", .string(String(decoding: key.key, as: UTF8.self))), ("count", .integer(key.count)),
        ]
        // What is not UTF-8 can't be a JSON string; its bytes come beside the repaired text.
        if String(validating: key.key, as: UTF8.self) == nil {
            members.append(("key_bytes", .array(key.key.map { .integer(Int64($0)) })))
        }
        return .object(members)
    }

    private var outcomeName: String {
        switch outcome {
        case .succeeded: "succeeded"
        case .failed: "failed"
        case .cancelled: "cancelled"
        }
    }
}
