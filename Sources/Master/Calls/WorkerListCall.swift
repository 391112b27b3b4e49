import Access
import Coordinator
import Model
import Shell
import WorkerProtocol
import XMLRPC

/// Who works for the job.
struct WorkerListCall {
    let shell: CoordinatorShell
    let machines: WorkerMachines

    var methods: [Method] { [workers] }

    /// Workers in one answer.
    static let countMax = 1_000

    private var workers: Method {
        Method(
            name: MethodName.workers, signatures: [[.structure, .structure]],
            help: """
                Lists the workers that are known, those of the full protocol by number, then those of the simple calls by name, in \
                pages. Takes a struct, each member of which may be left out: offset (int: workers to pass over), count (int: workers in the answer, \
                \(Self.countMax) at most). Answers a struct: total (int), workers (array of struct: worker (int: its number, or 0 for one of the simple \
                calls), name (string), state (string: alive, lost, leaving, draining, excluded (it gets no map tasks) or resting \
                (it gets nothing for a while)), why (string: of the last two; else empty), slots (int), running (array of attempt names), completed (int: attempts that \
                were accepted from it), failed (int), held_outputs (int: map outputs that it serves), silent_seconds (double: since it was last heard), and, where \
                it has said so in its polls, host, version (string), cores (int), load (double), and in bytes memory, memory_free, disk_free, \
                read_bytes (input of its attempts) and fetched_bytes (map output of others) (double), and of one whose process was \
                started again restarts (int) and last_end (string)).
                """,
            role: Role.viewer.rawValue
        ) { parameters, _, reply in
            answer(reply) { () throws(XMLRPCFault) in
                let fields = try Fields(parameters[0], in: "the query")
                let page = try Page(fields, countMax: Self.countMax)
                let (all, now) = shell.readNow { ($0.workersOverview, $1) }
                reply(.success(page.value(of: all, named: "workers") { value(of: $0, now: now) }))
            }
        }
    }

    /// The first of them, as `list_workers` has them beside those that were launched.
    @Sendable func joined() -> [XMLRPCValue] {
        let (all, now) = shell.readNow { ($0.workersOverview, $1) }
        return all.prefix(Self.countMax).map { worker in
            guard case .structure(var members) = value(of: worker, now: now) else {
                preconditionFailure("a worker is a struct")
            }
            members["status"] = .string("joined")
            return .structure(members)
        }
    }

    private func value(of worker: WorkerStatus, now: JobTime) -> XMLRPCValue {
        let (state, why) = Self.state(of: worker)
        var members: [String: XMLRPCValue] = [
            "worker": .int(Int32(clamping: worker.id?.number ?? 0)), "name": .string(worker.name),
            "state": .string(state), "why": .string(why), "slots": .int(Int32(clamping: worker.slots)),
            "running": .array(worker.running.map { .string($0.name) }),
            "completed": .int(Int32(clamping: worker.completedCount)),
            "failed": .int(Int32(clamping: worker.failedCount)),
            "held_outputs": .int(Int32(clamping: worker.heldOutputCount)),
            "silent_seconds": .double((now - worker.lastHeard).inSeconds),
        ]
        let machine = worker.id.flatMap { machines.report(of: $0) }
        for (name, value) in machine?.members ?? [:] { members[name] = value }
        return .structure(members)
    }

    private static func state(of worker: WorkerStatus) -> (name: String, why: String) {
        guard worker.isLive else { return ("lost", "") }
        if worker.isToldToStop { return ("leaving", "") }
        if worker.isDraining { return ("draining", "") }
        switch worker.restCause {
        case .diskFull: return ("resting", "its disk was full")
        case .failures: return ("resting", "one attempt after another failed on it, and others did well")
        case nil: break
        }
        return worker.isExcluded ? ("excluded", "too many of its map outputs were damaged") : ("alive", "")
    }
}
