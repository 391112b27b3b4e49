import Access
import Coordinator
import Model
import WorkerProtocol
import XMLRPC

/// Who works for the job.
struct WorkerListCall {
    let shell: CoordinatorShell

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
                calls), name (string), state (string: alive, lost, leaving, draining, excluded (its map output was bad: it gets no map tasks) or resting \
                (its disk was full, or it may not run the job's programs: it gets nothing for a while)), slots (int), running (array of attempt names), completed (int: attempts that \
                were accepted from it), held_outputs (int: map outputs that it serves), silent_seconds (double: since it was last heard)).
                """,
            role: Role.viewer.rawValue
        ) { parameters, _, reply in
            answer(reply) { () throws(XMLRPCFault) in
                let fields = try Fields(parameters[0], in: "the query")
                let page = try Page(fields, countMax: Self.countMax)
                let (all, now) = shell.readNow { ($0.workersOverview, $1) }
                reply(.success(page.value(of: all, named: "workers") { Self.value(of: $0, now: now) }))
            }
        }
    }

    private static func value(of worker: WorkerStatus, now: JobTime) -> XMLRPCValue {
        .structure([
            "worker": .int(Int32(clamping: worker.id?.number ?? 0)), "name": .string(worker.name),
            "state": .string(state(of: worker)), "slots": .int(Int32(clamping: worker.slots)),
            "running": .array(worker.running.map { .string($0.name) }),
            "completed": .int(Int32(clamping: worker.completedCount)),
            "held_outputs": .int(Int32(clamping: worker.heldOutputCount)),
            "silent_seconds": .double((now - worker.lastHeard).inSeconds),
        ])
    }

    private static func state(of worker: WorkerStatus) -> String {
        guard worker.isLive else { return "lost" }
        if worker.isToldToStop { return "leaving" }
        if worker.isDraining { return "draining" }
        if worker.isExcluded { return "excluded" }
        return worker.restCause == nil ? "alive" : "resting"
    }
}
