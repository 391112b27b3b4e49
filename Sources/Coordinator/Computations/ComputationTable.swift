import Center
import DataProtocol
import Model

/// Data workers, what they hold, and computations that form a graph by their keys.
///
/// An object is there while somebody holds it. A computation runs when all its inputs are there, on one of the workers that have room: the one
/// that holds most bytes of its inputs. What is lost with a worker and still needed is made again, with all that this needs.
struct ComputationTable: Equatable, Sendable {
    var center = CenterTable()
    var records: [ObjectKey: ComputationRecord] = [:]
    /// Computations that name an object as their input: all that are known, and the number of those that are not over.
    var dependents: [ObjectKey: Set<ObjectKey>] = [:]
    var openDependentCounts: [ObjectKey: Int] = [:]
    /// Ready ones, front first; those that were lost before the others.
    var line = WaitingLine<ObjectKey>()
    var urgentLine = WaitingLine<ObjectKey>()
    var ticketNewest: Ticket = 0
    /// The number of the record that came last.
    var numberNewest = 0
    var loads: [String: WorkerLoad] = [:]
    /// What functions have taken lately, in microseconds.
    var durations: [String: Int64] = [:]
    /// Needed objects that nobody holds and no open computation makes, and since when.
    var lostSince: [ObjectKey: JobTime] = [:]
    /// When attempts whose inputs did not come are made again.
    var resting: [ObjectKey: JobTime] = [:]
    /// Nobody asks for them; they go when nothing that is open needs them.
    var doomed: Set<ObjectKey> = []
    /// Of objects that somebody holds, where it is known.
    var digests: [ObjectKey: UInt32] = [:]
    /// What workers that are away held: they may come back with it.
    var absent: [String: Set<ObjectKey>] = [:]
    /// What workers may still have, though it was deleted or made anew meanwhile.
    var owed: [String: Set<ObjectKey>] = [:]
    var argumentByteCount = 0
    /// No two attempts have the same number, not even of computations that were forgotten between them.
    var attemptNewest = 0

    // Of the step under way; empty between steps.
    var effects: [Effect] = []
    var changed: Set<ObjectKey> = []
    /// They may go now, if they are doomed.
    var settling: [ObjectKey] = []

    mutating func apply(_ event: ComputationEvent, _ terms: ComputationTerms) -> [Effect] {
        dispatch(event, terms)
        return finishStep(terms)
    }

    /// Silent workers, lost objects and rests, and then whatever can be handed out.
    mutating func lookAtClock(_ terms: ComputationTerms) -> [Effect] {
        guard !center.workers.isEmpty || !records.isEmpty else { return [] }
        loseSilent(terms)
        endRests(terms)
        return finishStep(terms)
    }

    private mutating func finishStep(_ terms: ComputationTerms) -> [Effect] {
        settle()
        lookForLost(terms)
        settle()
        if terms.handsOut { handOut() }
        if !changed.isEmpty { effects.append(.computation(.changed(changed.sorted()))) }
        changed = []
        defer { effects = [] }
        return effects
    }

    private mutating func dispatch(_ event: ComputationEvent, _ terms: ComputationTerms) {
        switch event {
        case .workerRegistered(let profile, let objects, let request):
            answer(request, register(profile, objects, terms))
        case .workerHeard(let address, let request):
            // The only thing that can be wrong is that nobody is there.
            do { try center.hear(from: address, at: CenterTime(terms.now.sinceStart)) } catch {
                return answer(request, .unknownWorker)
            }
            answer(request, .done)
        case .workerLeft(let address, let request):
            sayGoodbye(to: address, terms)
            answer(request, .done)
        case .workerLost(let address, let reason): lose(address, reason: reason, terms)
        case .objectsAdded(let objects, let address, let request):
            answer(request, add(objects, at: address, terms))
        case .objectsRemoved(let keys, let address, let request):
            answer(request, remove(keys, at: address, terms))
        case .submitted(let computations, let request): answer(request, submit(computations, terms))
        case .computed(let computation, let object, let address, let request):
            answer(request, take(computation, object, from: address, terms))
        case .attemptsEnded(let reports, let address, let request):
            answer(request, take(reports, from: address, terms))
        case .wanted(let keys): for key in keys { want(key, terms) }
        case .cancelled(let keys, let request): answer(request, .counted(keys.count { cancel($0, terms) }))
        case .forgotten(let keys, let request): answer(request, forget(keys, terms))
        }
    }

    private mutating func answer(_ request: RequestID, _ reply: ComputationReply) {
        effects.append(.reply(request, .computation(reply)))
    }

    // MARK: Questions

    func status(of key: ObjectKey) -> ComputationStatus {
        let byteCount = center.byteCount(of: key)
        switch records[key]?.phase {
        case .failed(let message): return .failed(message: message)
        case .cancelled: return .cancelled
        case .running(_, let address, _): return .running(at: address)
        case .waiting, .ready, .resting: return .pending
        // It has to be made again, which somebody must ask for.
        case .completed:
            return byteCount.map { .finished(byteCount: $0) } ?? (doomed.contains(key) ? .unknown : .pending)
        case nil: return byteCount.map { .finished(byteCount: $0) } ?? .unknown
        }
    }

    func isHeld(_ key: ObjectKey) -> Bool { center.byteCount(of: key) != nil }

    /// Whether ``lookAtClock(_:)`` would change anything then.
    func needsLook(at time: JobTime, graceEnds: JobTime, leaseLength: Duration) -> Bool {
        guard time >= graceEnds else { return false }
        if !lostSince.isEmpty || resting.values.contains(where: { $0 <= time }) { return true }
        return center.workers.values.contains { time.sinceStart - $0.lastHeard.sinceStart > leaseLength }
    }
}
