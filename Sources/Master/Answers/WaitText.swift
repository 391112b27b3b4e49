import Coordinator
import Model

/// Why a task waits, in words.
enum WaitText {
    /// One word, for programs.
    static func code(of wait: Wait) -> String {
        switch wait {
        case .masterStops: "master_stops"
        case .jobPaused: "job_paused"
        case .mapsMissing: "maps_missing"
        case .outputsOnTheirWay: "outputs_on_their_way"
        case .noWorker: "no_worker"
        case .noCapableWorker: "no_capable_worker"
        case .onlySimpleWorkers: "only_simple_workers"
        case .slotsBusy: "slots_busy"
        case .keptFrom: "failed_on_free_workers"
        case .withheld: "withheld"
        case .soonHandedOut: "soon_handed_out"
        }
    }

    /// A sentence whose subject is the task.
    static func sentence(_ wait: Wait) -> String {
        switch wait {
        case .masterStops(let reason):
            "waits, because the master is about to stop (\(ShownLines.of(reason))); it goes on with the next start."
        case .jobPaused: "waits, because the job is paused; mr-ctl resume lets it go on."
        case .mapsMissing(let missing): self.missing(missing)
        case .outputsOnTheirWay(let count):
            "waits for \(counted(count, "map output")) that the master is taking over, because a reader can't reach the holder."
        case .noWorker(let lostCount):
            "waits for a worker: "
                + (lostCount == 0
                    ? "none is there; start one with mr-worker."
                    : "none is there, and \(counted(lostCount, "worker")) fell silent; start one with mr-worker, or look whether the old ones still run.")
        case .noCapableWorker(let application, let liveCount, let names):
            "waits for a worker that can run '\(ShownLines.of(application))': \(counted(liveCount, "worker")) "
                + "(\(ShownLines.names(names, of: liveCount))) can't, or may not (mr-worker --allow-program); start one that can."
        case .onlySimpleWorkers(let count, let limit): onlySimple(count, limit)
        case .slotsBusy(let workers, let slots, let ahead):
            "waits for a free slot: all \(counted(slots, "slot")) of \(counted(workers, "worker")) \(slots == 1 ? "is" : "are") busy"
                + "\(before(ahead)); more workers, or more slots, would take it sooner."
        case .keptFrom(let names, let othersCount):
            "waits for another worker: it went wrong on \(ShownLines.names(names, of: names.count)), where there is room, "
                + "and \(counted(othersCount, "worker")) on which it has not been tried \(othersCount == 1 ? "is" : "are") busy."
        case .withheld(let names):
            "waits for another worker: those with room (\(ShownLines.names(names, of: names.count))) get no such task now, "
                + "because their disk was full, their map output damaged, or they may not run its programs; mr-ctl workers tells which."
        case .soonHandedOut(let ahead):
            "is about to be handed out: a slot is free, and its worker asks for work within a moment\(before(ahead))."
        }
    }

    private static func before(_ ahead: Int) -> String {
        ahead == 0 ? "" : ", and \(counted(ahead, "task")) \(ahead == 1 ? "goes" : "go") before it"
    }

    private static func missing(_ missing: MissingMaps) -> String {
        let names = missing.first.map { "map \($0)" }
        var text = "waits for the map phase: \(counted(missing.count, "map task")) "
        text += "\(missing.count == 1 ? "is" : "are") not done (\(ShownLines.names(names, of: missing.count)))"
        if missing.runningCount > 0 { text += ", \(missing.runningCount) of them running" }
        if missing.lostCount > 0 { text += "; the output of \(missing.lostCount) was lost, and is made again" }
        return text + "."
    }

    private static func onlySimple(_ count: Int, _ limit: SimpleLimit) -> String {
        let workers = counted(count, "worker") + " of the simple calls"
        let lack =
            switch limit {
            case .reduce: "can't reduce"
            case .text: "can't be sent its text, which XML can't carry"
            case .application(let name): "can't run '\(ShownLines.of(name))'"
            }
        return
            "waits for an mr-worker: only \(workers) \(count == 1 ? "is" : "are") there, and such \(lack); start one with mr-worker."
    }
}
