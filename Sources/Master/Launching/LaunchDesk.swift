import Access
import Glibc
import LaunchedWorkers
import Launchers
import LocalMachine
import Logging
import Model
import Processes
import Synchronization
import WorkerProtocol
import XMLRPC

/// Launched workers of a running master: the table of them, their processes, and the messages between them.
///
/// Decides under its lock, and acts outside of it.
final class LaunchDesk: Sendable {
    /// Where the scripts find the master.
    struct MasterPlace: Sendable {
        let url: String
        let host: String
        let port: Int
        /// Text of the master's certificate, for clients that trust nothing else; nil without TLS.
        let certificate: String?
        /// nil where the master speaks plain HTTP.
        let joinLine: (@Sendable (JoinSecret) -> String)?
    }

    struct State {
        var table = LaunchTable()
        var mailboxes = Mailboxes()
        var scripts: [LaunchID: LaunchedScript] = [:]
        var isClosed = false
        var waiters: [UInt64: Waiter] = [:]
        var receivers: [MailAddress: Receiver] = [:]
        var next: UInt64 = 0
    }

    struct Waiter {
        /// The call's, as ``LaunchDesk/abandon(_:)`` names it.
        let callerID: UInt64
        let ids: [LaunchID]
        let untilDone: Bool
        let answer: @Sendable (LaunchStanding) -> Void
    }

    struct Receiver {
        let number: UInt64
        let acknowledged: Int?
        let answer: @Sendable (Mailboxes.Message?) -> Void
    }

    let state = Mutex(State())
    private let access: MasterAccess?
    private let scratch: ScratchFolder
    private let logger: Logger
    private let sendAway: @Sendable ([WorkerID], Int) -> Void
    private let opening = Mutex(Opening.before(waiting: []))

    /// A master may be asked before it has begun: it listens first, as its port is in what it begins with.
    private enum Opening {
        case before(waiting: [@Sendable () -> Void])
        case open(MasterPlace)
        case never

        var place: MasterPlace? {
            if case .open(let place) = self { place } else { nil }
        }
    }

    /// How long a script has between being asked to end and being ended.
    static let stopGrace: Duration = .seconds(stopGraceSeconds)
    static let stopGraceSeconds = 3
    /// Calls that wait for workers at a time. Each is looked at with each start and end of a worker.
    static let waitersMax = 256
    /// Of these, calls of those who may only look: they keep nobody else out.
    static let viewersWaitingMax = 128

    /// - Parameter sendAway: Ends the sessions of workers that have joined with a launched worker's secret, when that is over.
    init(
        access: MasterAccess?, scratch: ScratchFolder, logger: Logger,
        sendAway: @escaping @Sendable (_ workers: [WorkerID], _ launched: Int) -> Void
    ) {
        self.access = access
        self.scratch = scratch
        self.logger = logger
        self.sendAway = sendAway
    }

    /// Launches from now on. What a master that went on with the same folder had put there for its workers goes.
    func open(_ place: MasterPlace) {
        for name in scratch.fileNames where name.hasPrefix(Self.folderPrefix) {
            FolderTree.remove("\(scratch.path)/\(name)")
        }
        settle(.open(place))
    }

    private func settle(_ new: Opening) {
        let waiting = opening.withLock { opening -> [@Sendable () -> Void] in
            guard case .before(let waiting) = opening else { return [] }
            opening = new
            return waiting
        }
        for body in waiting { body() }
    }

    /// Calls it once the master has begun, or is known never to: from any thread, at once most of the time.
    func whenOpen(_ body: @escaping @Sendable () -> Void) throws(XMLRPCFault) {
        enum Outcome {
            case now
            case later
            case tooMany
        }
        let outcome = opening.withLock { opening -> Outcome in
            guard case .before(var waiting) = opening else { return .now }
            guard waiting.count < Self.waitersMax else { return .tooMany }
            waiting.append(body)
            opening = .before(waiting: waiting)
            return .later
        }
        switch outcome {
        case .now: body()
        case .later: return
        case .tooMany:
            throw LaunchFault.refused(
                "\(Self.waitersMax) calls wait for the master to begin; launch when it has begun")
        }
    }

    private static let folderPrefix = "launched-"

    /// Where launched workers are reached: on this machine.
    var address: String { opening.withLock { $0.place?.host } ?? "" }

    // MARK: Launching

    /// - Parameters:
    ///   - key: Of the call, when it may be made again: a second one launches nothing and gets the workers of the first.
    ///   - requester: Address of whoever launches them, as scripts reach it.
    /// - Throws: What is told to whoever asked; nothing was launched then.
    func launch(
        _ order: LaunchOrder, count: Int, key: String?, requester: String
    ) throws(XMLRPCFault) -> [LaunchedWorker] {
        guard let place = opening.withLock({ $0.place }) else {
            throw LaunchFault.refused("the master could not begin; nothing is launched")
        }
        let script = try ScriptSource(order).resolved()
        let (launched, isNew) = try state.withLock { (state) throws(XMLRPCFault) -> ([LaunchedWorker], Bool) in
            if let key, let earlier = state.table.workers(launchedBy: key) { return (earlier, false) }
            guard !state.isClosed else {
                throw LaunchFault.refused("the master is about to end; nothing is launched now")
            }
            do throws(LaunchRefusal) {
                let engines = (0..<count).map { _ in String(MasterRecord.randomHex().prefix(16)) }
                return (try state.table.launch(order, engineIDs: engines, key: key, now: Self.now), true)
            } catch {
                throw LaunchFault.refused("\(error)")
            }
        }
        guard isNew else { return launched }
        logger.notice("\(LaunchNotice.launched(launched))")
        for worker in launched { start(worker, script, place, requester: requester) }
        return launched
    }

    private func start(
        _ worker: LaunchedWorker, _ script: ScriptSource.Resolved, _ place: MasterPlace, requester: String
    ) {
        let id = worker.id
        do {
            let folder = folder(of: id)
            let surroundings = LaunchSurroundings(
                worker: worker, place: place, requester: requester, folder: folder,
                secret: access?.admit(launched: id.number))
            try surroundings.make()
            let plan = LaunchedScript.Plan(
                words: try script.words(in: folder), folder: worker.order.folder,
                environment: surroundings.variables, limits: ProgramLimits(worker.order),
                startDelay: worker.order.startDelay)
            let process = try LaunchedScript(plan) { [weak self] in self?.note($0, of: id) }
            let isWanted = state.withLock { state in
                if !state.isClosed, state.table[id]?.phase == .starting { state.scripts[id] = process }
                return state.scripts[id] != nil
            }
            guard isWanted else {
                return note(.ended(.lost(reason: "it was stopped before it began"), limit: nil), of: id)
            }
            try process.start()
        } catch {
            note(.ended(.lost(reason: "cannot be started: \(error)"), limit: nil), of: id)
        }
    }

    private func note(_ event: LaunchedScript.Event, of id: LaunchID) {
        switch event {
        case .started:
            let answers = state.withLock { state in
                state.table.started(id, now: Self.now)
                return Self.settled(&state)
            }
            for answer in answers { answer() }
        case .wrote(let bytes): state.withLock { $0.table.wrote(id, bytes) }
        case .ended(let end, let limit):
            if let joined = access?.forget(launched: id.number) { sendAway(joined, id.number) }
            FolderTree.remove(folder(of: id))
            let (answers, receiver, worker) = state.withLock { state in
                state.table.ended(id, end, limit: limit, now: Self.now)
                let worker = state.table[id]
                state.scripts[id] = nil
                state.mailboxes.close(.worker(id))
                return (Self.settled(&state), state.receivers.removeValue(forKey: .worker(id)), worker)
            }
            if let worker, worker.phase == .failed { logger.notice("\(LaunchNotice.failed(worker))") }
            for answer in answers { answer() }
            receiver?.answer(nil)
        }
    }

    private func folder(of id: LaunchID) -> String { "\(scratch.path)/\(Self.folderPrefix)\(id.number)" }

    /// What is to be said to those who have waited long enough.
    private static func settled(_ state: inout State) -> [@Sendable () -> Void] {
        var answers: [@Sendable () -> Void] = []
        for (number, waiter) in state.waiters {
            let standing = state.table.standing(of: waiter.ids, untilDone: waiter.untilDone)
            guard standing.isSettled else { continue }
            state.waiters[number] = nil
            answers.append { waiter.answer(standing) }
        }
        return answers
    }

    // MARK: Looking, stopping, waiting

    var all: [LaunchedWorker] { state.withLock { $0.table.all } }

    func worker(named name: String) -> LaunchedWorker? { state.withLock { $0.table.worker(named: name) } }

    /// - Returns: Those as they stand now; their ends come later.
    func stop(_ ids: [LaunchID], within grace: Duration = LaunchDesk.stopGrace) -> [LaunchedWorker] {
        let (scripts, workers) = state.withLock { state in
            let stopped = state.table.stop(ids)
            return (stopped.compactMap { state.scripts[$0] }, ids.compactMap { state.table[$0] })
        }
        for script in scripts { script.stop(within: grace) }
        return workers
    }

    /// - Parameters:
    ///   - mayLaunch: Whether the caller may do more than look.
    ///   - callerID: Of the call that waits, to be told by ``abandon(_:)`` when nobody waits for its answer any more.
    ///   - answer: Called at most once, from any thread.
    func wait(
        for ids: [LaunchID], untilDone: Bool, within limit: Duration, mayLaunch: Bool, callerID: UInt64,
        _ answer: @escaping @Sendable (Result<LaunchStanding, XMLRPCFault>) -> Void
    ) {
        enum Outcome {
            case now(LaunchStanding)
            case later(UInt64)
            case tooMany
        }
        let outcome = state.withLock { state -> Outcome in
            let standing = state.table.standing(of: ids, untilDone: untilDone)
            guard !standing.isSettled, limit > .zero, !state.isClosed else { return .now(standing) }
            guard state.waiters.count < (mayLaunch ? Self.waitersMax : Self.viewersWaitingMax) else { return .tooMany }
            state.next += 1
            state.waiters[state.next] = Waiter(callerID: callerID, ids: ids, untilDone: untilDone) {
                answer(.success($0))
            }
            return .later(state.next)
        }
        switch outcome {
        case .now(let standing): answer(.success(standing))
        case .tooMany:
            answer(
                .failure(
                    LaunchFault.refused(
                        "too many calls wait for workers; wait with fewer at a time, or try again later")))
        case .later(let number):
            Task {
                // Cut short only when the whole process is going down.
                try? await Task.sleep(for: limit)
                let late = state.withLock { state in
                    state.waiters.removeValue(forKey: number).map { waiter in
                        (waiter, state.table.standing(of: waiter.ids, untilDone: waiter.untilDone))
                    }
                }
                if let (waiter, standing) = late { waiter.answer(standing) }
            }
        }
    }

    // MARK: The end

    /// Ends all of them, and waits until they are gone.
    func close(within grace: Duration) async {
        settle(.never)
        let (waiters, receivers) = state.withLock { state in
            state.isClosed = true
            defer {
                state.waiters = [:]
                state.receivers = [:]
            }
            let waiters = state.waiters.values.map { waiter in
                (waiter, state.table.standing(of: waiter.ids, untilDone: waiter.untilDone))
            }
            return (waiters, Array(state.receivers.values))
        }
        for (waiter, standing) in waiters { waiter.answer(standing) }
        for receiver in receivers { receiver.answer(nil) }
        _ = stop(all.map(\.id), within: grace)
        // What not even SIGKILL ends waits for a disk, and is left to its guard.
        let deadline = ContinuousClock.now + grace + Self.stopGrace
        while state.withLock({ !$0.scripts.isEmpty }), ContinuousClock.now < deadline {
            // Cut short only when the whole process is going down, and then its guard ends them.
            guard (try? await Task.sleep(for: .milliseconds(2))) != nil else { return }
        }
    }

    private static var now: Int64 { Int64(Glibc.time(nil)) }
}

enum LaunchFault {
    static let whereToLook = "mr-ctl workers and list_workers name those there are"

    /// What is asked for can't be.
    static func unfit(_ message: String) -> XMLRPCFault {
        XMLRPCFault(code: FaultCode.unfit, message: message)
    }

    static func refused(_ message: String) -> XMLRPCFault {
        XMLRPCFault(code: FaultCode.refused, message: message)
    }
}
