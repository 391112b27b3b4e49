import Model
import TaskRuntime
import WorkerProtocol

/// The attempts that occupy slots, and the reports that wait to be sent.
struct RunningAttempts {
    private let slots: Int
    private var controls: [AttemptID: TaskControl] = [:]
    private var begun: Set<AttemptID> = []
    var reports: [AttemptReport] = []

    init(slots: Int) { self.slots = slots }

    var freeSlots: Int { max(0, slots - controls.count) }
    var isEmpty: Bool { controls.isEmpty }
    /// For the heartbeat, in a fixed order.
    var attempts: [AttemptID] { controls.keys.sorted() }

    /// - Returns: The control of a new attempt; nil when this attempt was begun before, as after a repeated answer.
    mutating func begin(_ attempt: AttemptID) -> TaskControl? {
        guard begun.insert(attempt).inserted else { return nil }
        let control = TaskControl()
        controls[attempt] = control
        return control
    }

    mutating func end(_ report: AttemptReport) {
        guard controls.removeValue(forKey: report.attempt) != nil else { return }
        reports.append(report)
    }

    func cancel(_ attempt: AttemptID) { controls[attempt]?.cancel() }
    func cancelAll() { for control in controls.values { control.cancel() } }
}
