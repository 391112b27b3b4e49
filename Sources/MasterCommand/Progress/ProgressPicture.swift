import Coordinator
import Model

/// The live view as lines of text: decided from the job's status alone.
struct ProgressPicture {
    let status: JobStatus
    let elapsed: Duration
    let lastEvent: String
    /// Columns of the terminal.
    let width: Int

    var lines: [String] {
        [
            phase("map", status.maps), phase("reduce", status.reduces),
            isNarrow
                ? "\(SizeText.rate(status.inputBytesDone, in: elapsed)) \(workers) \(remaining)"
                : "\(SizeText.rate(status.inputBytesDone, in: elapsed))   \(workers)   \(TimeText.of(elapsed)) so far, \(remaining)",
            lastEvent,
        ].map { String($0.prefix(width)) }
    }

    private var isNarrow: Bool { width < 72 }

    private var workers: String { "\(status.liveWorkers) worker\(status.liveWorkers == 1 ? "" : "s")" }

    private func phase(_ name: String, _ tasks: TaskStatus) -> String {
        let label = name + String(repeating: " ", count: 7 - name.count)
        let barWidth = isNarrow ? 10 : min(40, width - 50)
        let filled = tasks.total == 0 ? barWidth : barWidth * tasks.completed / tasks.total
        let underWay =
            tasks.total == 0 ? 0 : min(barWidth - filled, (barWidth * tasks.running + tasks.total - 1) / tasks.total)
        let bar =
            String(repeating: "#", count: filled) + String(repeating: "-", count: underWay)
            + String(repeating: " ", count: barWidth - filled - underWay)
        return isNarrow
            ? "\(label)[\(bar)] \(tasks.completed)/\(tasks.running)/\(tasks.total)"
            : "\(label)[\(bar)] \(tasks.completed) done, \(tasks.running) running, \(tasks.total) in all"
    }

    private var remaining: String {
        guard status.liveWorkers > 0 else { return "waiting for workers" }
        let fraction = doneFraction
        guard fraction > 0.02 else { return "ETA unknown" }
        return "ETA \(TimeText.of(elapsed * ((1 - fraction) / fraction)))"
    }

    /// Map work is most of a job; the share is a guess, good enough for an ETA.
    private var doneFraction: Double {
        let map = status.inputBytesTotal == 0 ? 1 : Double(status.inputBytesDone) / Double(status.inputBytesTotal)
        let reduce = status.reduces.total == 0 ? 1 : Double(status.reduces.completed) / Double(status.reduces.total)
        return 0.8 * map + 0.2 * reduce
    }
}
