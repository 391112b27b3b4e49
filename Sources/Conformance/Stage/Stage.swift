import Access
import Glibc
import KeyPins
import LocalMachine
import Synchronization
import XMLRPC
import XMLRPCTransport

/// One case's folder, master and workers. Everything of it goes when the case is over.
final class Stage: Sendable {
    let options: ConformanceOptions
    var folder: String { place.path }
    private let place: ScratchFolder
    let front: Front
    let threads: TransportThreads
    private let deadline: ContinuousClock.Instant
    private let state: Mutex<State> = Mutex(State())

    private struct State {
        var master: TrialMaster?
        var masterCommand: [String] = []
        var workers: [TrialProcess] = []
        var line = ""
    }

    static let lookInterval: Duration = .milliseconds(10)
    /// Of the masters of all cases: long enough for a slow machine, and short enough to wait for its end.
    static let leaseLength: Duration = .seconds(3)
    /// How long a worker may take to end when it is told to, or to come back.
    static let patience: Duration = .seconds(15)
    /// How long what a worker did last may take to come to its end, when the worker is gone.
    private static let afterEndMax: Duration = .seconds(5)
    /// What every process of a case has in its environment.
    static let markVariable = "CONFORMANCE_CASE"

    var transcript: Transcript { front.transcript }
    var master: TrialMaster {
        guard let master = state.withLock({ $0.master }) else { preconditionFailure("a case begins with a master") }
        return master
    }
    /// The newest.
    var worker: TrialProcess {
        guard let worker = state.withLock({ $0.workers.last }) else { preconditionFailure("no worker was started") }
        return worker
    }
    var output: String { folder + "/out" }
    private var workerState: StateDirectory { StateDirectory(path: folder + "/state") }
    private var masterState: StateDirectory { StateDirectory(path: folder + "/master-state") }

    init(_ options: ConformanceOptions, threads: TransportThreads) async throws {
        self.options = options
        self.threads = threads
        place = try ScratchFolder.make(under: options.temporaryFolder, .conformance)
        deadline = .now + options.timeout
        do {
            for name in ["in", "scratch", "tmp", "state", "master-state"] {
                try TrialFiles.makeFolder("\(place.path)/\(name)")
            }
            front = try await Front.start()
        } catch {
            place.remove()
            throw error
        }
    }

    func close() async {
        for worker in state.withLock({ $0.workers }) { worker.kill() }
        await state.withLock { $0.master }?.end()
        // What a worker has started in sessions of their own, and left.
        for process in Self.processes(ofCaseIn: folder) { kill(process, SIGKILL) }
        await front.close()
        place.remove()
    }

    /// Takes away what cases of runs that were killed have left: their folders, and what still runs of them.
    static func sweep(under parent: String) {
        guard let resolved = realpath(parent, nil) else { return }
        defer { free(resolved) }
        ScratchFolder.sweep(under: String(cString: resolved), .conformance) { folder in
            for process in processes(ofCaseIn: folder) { kill(process, SIGKILL) }
        }
    }

    // MARK: Masters

    /// Starts a master that counts words.
    func count(_ input: TrialInput, _ more: [String] = []) async throws {
        try await run(input, more)
    }

    /// Starts a master with a mapper and a reducer that adds up.
    func stream(_ input: TrialInput, mapper: String, _ more: [String] = []) async throws {
        try await run(input, ["--mapper", mapper, "--reducer", TrialPrograms.sum] + more)
    }

    /// Starts a master with a mapper that changes nothing, and no reduce step.
    func pass(_ input: TrialInput) async throws {
        try await run(input, ["--mapper", "cat"], reduceCount: 0)
    }

    private func run(_ input: TrialInput, _ more: [String], reduceCount: Int = 2) async throws {
        for (index, file) in input.files.enumerated() {
            try TrialFiles.write(file, to: "\(folder)/in/\(index).txt")
        }
        let seconds = String(Self.leaseLength.components.seconds)
        let command =
            ["--output", output, "--reduces", String(reduceCount), "--task-timeout", seconds, "--no-backup-tasks"]
            + more
        state.withLock { $0.masterCommand = command + [folder + "/in"] }
        try await startMaster(port: 0)
        let answer = try await master.call("access.token", [.structure(["role": "worker"])])
        let secret = answer["secret"]?.asString ?? ""
        let text = "mr1.\(front.identity.pin).\(secret)@127.0.0.1:\(front.port)"
        _ = try JoinLine(text)
        state.withLock { $0.line = text }
        try writeRecord(token: master.record.token)
    }

    /// The one before died; what it has left in the output folder is gone on with.
    func startMasterAgain() async throws {
        let port = master.port
        try await startMaster(port: port)
    }

    private func startMaster(port: Int) async throws {
        var environment = environment(state: masterState)
        environment["TMPDIR"] = folder + "/tmp"
        let command = state.withLock { $0.masterCommand }
        let master = try await TrialMaster.start(
            options.masterProgram, command, port: port, state: masterState, environment: environment,
            log: folder + "/master.log", threads: threads, startMax: options.timeout)
        state.withLock { $0.master = master }
        front.setMaster(port: master.port)
    }

    /// What a master leaves for programs of its user, as if it listened where the front does.
    private func writeRecord(token: String?) throws {
        let record = MasterRecord(
            instance: master.record.instance, token: token, processID: HostIdentity.processID)
        try record.write(in: workerState, host: "127.0.0.1", port: front.port)
    }

    /// Whoever comes from now on has a secret that nobody gave.
    func spoilSecret() throws {
        let wrong = Base32.encode(Array(repeating: 0x5A, count: 20))
        try change { line in
            let parts = line.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
            let place = parts[2].drop { $0 != "@" }
            return "\(parts[0]).\(parts[1]).\(wrong)\(place)"
        }
        try writeRecord(token: String(repeating: "5a", count: 16))
    }

    /// Whoever comes from now on was told of a master with another key.
    func spoilPin() throws {
        let wrong = Base32.encode(Array(repeating: 0xA5, count: 20))
        try change { line in
            let parts = line.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
            return "\(parts[0]).\(wrong).\(parts[2])"
        }
    }

    private func change(_ body: (String) -> String) throws {
        let line = body(state.withLock { $0.line })
        _ = try JoinLine(line)
        state.withLock { $0.line = line }
    }

    // MARK: Workers

    var usesJoinLine: Bool { options.command.contains { String(decoding: $0, as: UTF8.self).contains("{join}") } }

    @discardableResult
    func startWorker() throws -> TrialProcess {
        let (line, number) = state.withLock { ($0.line, $0.workers.count) }
        try TrialFiles.write(Array((line + "\n").utf8), to: folder + "/join")
        let places = ["{join}": line, "{master}": "127.0.0.1:\(front.port)"]
        let command = options.command.map { Self.replacing(places, in: $0) }
        var environment = environment(state: workerState)
        environment["TMPDIR"] = folder + "/scratch"
        environment["MR_JOIN_FILE"] = folder + "/join"
        let worker = try TrialProcess(
            command, environment: environment, log: "\(folder)/worker-\(number).log")
        state.withLock { $0.workers.append(worker) }
        return worker
    }

    private func environment(state: StateDirectory) -> [String: String] {
        var environment = options.environment
        environment["MR_STATE_DIR"] = state.path
        environment[Self.markVariable] = folder
        return environment
    }

    private static func replacing(_ places: [String: String], in argument: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var rest = argument[...]
        while let first = rest.first {
            if let (name, text) = places.first(where: { rest.starts(with: $0.key.utf8) }) {
                result += text.utf8
                rest = rest.dropFirst(name.utf8.count)
            } else {
                result.append(first)
                rest = rest.dropFirst()
            }
        }
        return result
    }

    /// Processes of this case, but for its master.
    var processesLeft: Int { Self.processes(ofCaseIn: folder).count { $0 != master.process.pid } }

    /// Those that have its mark, which is a folder of nobody else's.
    private static func processes(ofCaseIn folder: String) -> [pid_t] {
        let mark = Array("\(markVariable)=\(folder)".utf8)
        return ProcessList.all.filter {
            $0 != HostIdentity.processID && ProcessList.environment(of: $0).contains(mark[...])
        }
    }

    // MARK: Waiting

    /// Waits for something that a right worker does.
    ///
    /// - Parameter expected: What, as a noun phrase, for people.
    /// - Throws: ``Finding`` when it does not come about, or the worker ends before.
    func wait(
        for expected: String, within limit: Duration? = nil, mayEnd: Bool = false, advice: String,
        _ condition: () throws -> Bool
    ) async throws {
        let end = min(deadline, limit.map { .now + $0 } ?? deadline)
        let began = ContinuousClock.now
        while true {
            if try condition() { return }
            if !mayEnd, let exit = worker.exit {
                // What it did last may still have to come to its end.
                let last = ContinuousClock.now + Self.afterEndMax
                while ContinuousClock.now < last {
                    if try condition() { return }
                    try await Task.sleep(for: Self.lookInterval)
                }
                throw Finding(
                    expected: expected, got: "the worker's end with \(exit); \(worker.lastWords)", advice: advice)
            }
            guard ContinuousClock.now < end else {
                let seconds = (ContinuousClock.now - began).components.seconds
                throw Finding(
                    expected: expected,
                    got: "nothing of it in \(seconds) s; \(lastCall); \(worker.lastWords)", advice: advice)
            }
            try await Task.sleep(for: Self.lookInterval)
        }
    }

    private var lastCall: String {
        guard let last = transcript.all.last else { return "nothing came from the worker at all" }
        let name = last.methodName ?? "\(last.method) \(last.path)"
        let answer = last.status.map { "answered with status \($0)" } ?? "not answered"
        let fault = last.faultCode.map { " and fault \($0)" } ?? ""
        return "its last request was \(name), \(answer)\(fault)"
    }
}
