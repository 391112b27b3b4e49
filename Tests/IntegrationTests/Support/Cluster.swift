import Access
import Glibc
import Joining
import LocalMachine
import Synchronization
import XMLRPC
import XMLRPCTransport

/// One master with its workers, in a folder of their own, and everything a test does to them.
///
///     input/     what the job reads          out/      what it writes
///     scratch/   where workers put files     tmp/      the master's, and its local workers'
///     state/     the token file              signals/  how tests and tasks of `scripted` tell each other things
final class Cluster: Sendable {
    let folder: TestFolder
    private let threads = TransportThreads(eventLoopCount: 1, blockingThreadCount: 1)
    private let state = Mutex(State())

    private struct State {
        var processes: [ChildProcess] = []
        var workers: [ChildProcess] = []
        var inputs: [(name: [UInt8], bytes: [UInt8])] = []
        var address: HostPort?
        var client: HTTPClient?
        var master: ChildProcess?
    }

    private init() throws {
        folder = try TestFolder()
        for name in ["input", "scratch", "tmp", "state", "signals", "logs"] { try Files.makeFolder(path(name)) }
    }

    /// Runs a test with a cluster of its own. Afterwards every process is gone, whatever happened.
    static func with(_ body: (Cluster) async throws -> Void) async throws {
        precondition(Watchdog.isOnGuard, "no process can be made")
        let cluster = try Cluster()
        let result: Result<Void, any Error>
        do { result = .success(try await body(cluster)) } catch { result = .failure(error) }
        await cluster.end(keepingFolder: false)
        try result.get()
    }

    private func end(keepingFolder: Bool) async {
        for process in state.withLock({ $0.processes }) {
            process.signal(SIGKILL)
            while process.exit == nil { await Task.yield() }
        }
        // A master that is killed leaves its local workers to end by themselves; a test that failed can't wait for that.
        for process in ProcessTable.marked(with: path("state")) { kill(process, SIGKILL) }
        await state.withLock { $0.client }?.close()
        // Nothing is left that could use them.
        try? await threads.shutdown()
        if !keepingFolder { folder.remove() }
    }

    // MARK: Places

    func path(_ name: String) -> String { "\(folder.path)/\(name)" }

    var environment: [String: String] {
        var variables = ProcessTable.ownEnvironment
        for name in ["XDG_STATE_HOME", "http_proxy", "HTTP_PROXY"] { variables[name] = nil }
        variables[ProcessTable.markVariable] = path("state")
        variables[Watchdog.markVariable] = Watchdog.mark
        variables["TMPDIR"] = path("tmp")
        variables["LC_ALL"] = "C"
        return variables
    }

    // MARK: Input

    /// Adds an input file, by its name in `input/`.
    func addInput(_ name: String, _ text: String) throws { try addInput(Array(name.utf8), Array(text.utf8)) }

    func addInput(_ name: [UInt8], _ bytes: [UInt8]) throws {
        let relative = Array("input/".utf8) + name
        try Files.write(bytes, to: Array("\(folder.path)/".utf8) + relative)
        state.withLock { $0.inputs.append((relative, bytes)) }
    }

    /// Under the names that the master is given.
    var inputs: [(name: [UInt8], bytes: [UInt8])] { state.withLock { $0.inputs } }

    // MARK: Processes

    var workers: [ChildProcess] { state.withLock { $0.workers } }
    var master: ChildProcess {
        guard let master = state.withLock({ $0.master }) else { preconditionFailure("no master was started") }
        return master
    }

    /// A number that no process has in its name yet.
    func nextName() -> Int { state.withLock { $0.processes.count } }

    func start(_ name: String, _ command: [[UInt8]], environment: [String: String]? = nil) throws -> ChildProcess {
        let process = try ChildProcess(
            name: name, command: command, environment: environment ?? self.environment, folder: folder.path,
            logs: path("logs"))
        state.withLock { $0.processes.append(process) }
        return process
    }

    func start(_ name: String, _ command: [String]) throws -> ChildProcess {
        try start(name, command.map { Array($0.utf8) })
    }

    /// Starts mr-master over all input files, on a port that it picks, and waits until it listens.
    ///
    /// - Parameter inputs: What it reads; nil for all that was added.
    @discardableResult
    func startMaster(_ options: [String], inputs: [[UInt8]]? = nil) async throws -> ChildProcess {
        try await startMaster(options: ["--output", "out"] + options, inputs ?? self.inputs.map(\.name))
    }

    /// Starts a master that serves a queue.
    @discardableResult
    func startQueue(_ options: [String] = []) async throws -> ChildProcess {
        try await startMaster(options: ["--serve"] + options, [])
    }

    private func startMaster(options: [String], _ names: [[UInt8]]) async throws -> ChildProcess {
        let listen = options.contains("--listen") ? [] : ["--listen", "127.0.0.1:0"]
        let arguments = listen + options
        let count = state.withLock { $0.processes.count }
        let master = try start("master\(count)", ([Programs.master] + arguments).map { Array($0.utf8) } + names)
        let line = try await master.line(containing: "listening on ")
        let text = line.split(separator: " ").last.map(String.init) ?? ""
        guard let address = HostPort(text, defaultHost: "") else {
            throw DidNotHappen(description: "no address in '\(line)'")
        }
        state.withLock { state in
            state.master = master
            state.address = address
            state.client = nil
        }
        return master
    }

    /// The options that run the application `scripted` with workers that the test starts.
    var scripted: [String] { ["--app", "scripted", "--option", "signals=\(path("signals"))"] }

    /// Starts a worker. It has one slot unless `options` say otherwise.
    @discardableResult
    func startWorker(
        _ name: String, program: String = Programs.worker, master: String? = nil, _ options: [String] = [],
        scratch: String? = nil, prefix: [String] = []
    ) throws -> ChildProcess {
        var arguments = ["--name", name, "--scratch", scratch ?? path("scratch")]
        if !options.contains("--join") { arguments += ["--master", master ?? address.description] }
        if !options.contains("--slots") { arguments += ["--slots", "1"] }
        let count = state.withLock { $0.processes.count }
        let worker = try start("\(name)-\(count)", prefix + [program] + arguments + options)
        adopt(worker)
        return worker
    }

    /// ``finish`` waits for this worker too.
    func adopt(_ worker: ChildProcess) { state.withLock { $0.workers.append(worker) } }

    @discardableResult
    func startFaultyWorker(_ name: String, _ options: [String] = []) throws -> ChildProcess {
        try startWorker(name, program: Programs.faultyWorker, options)
    }

    /// Forgets a worker that the test has ended, so that ``finish`` asks nothing of it.
    func disown(_ worker: ChildProcess) { state.withLock { $0.workers.removeAll { $0 === worker } } }

    func killAndDisown(_ worker: ChildProcess) async throws {
        worker.signal(SIGKILL)
        _ = try await worker.waitForExit()
        disown(worker)
    }

    // MARK: The master, spoken to

    var address: HostPort {
        guard let address = state.withLock({ $0.address }) else { preconditionFailure("no master was started") }
        return address
    }

    var token: String? {
        get throws {
            let directory = StateDirectory(path: path("state"))
            return try MasterRecord.read(in: directory, host: address.host, port: address.port)?.token
        }
    }

    func call(_ method: String, _ parameters: [XMLRPCValue], within limit: Duration = .seconds(30)) async throws
        -> XMLRPCValue
    {
        try await client().call(method, parameters, timeout: limit)
    }

    func client() throws -> HTTPClient {
        let door = try MasterEntry.record(address).door(environment: ["MR_STATE_DIR": path("state")])
        return state.withLock { state in
            if let client = state.client { return client }
            let client = door.client(threads: threads)
            state.client = client
            return client
        }
    }

    /// With another secret than the master's user has.
    func client(showing secret: String) throws -> HTTPClient { try client().showing("Bearer \(secret)") }

    /// What a worker on another machine would be told.
    var joinLine: JoinLine {
        get throws {
            let names = Files.texts(in: path("state")).filter { $0.hasSuffix(".join") }
            guard let name = names.first, names.count == 1 else {
                throw DidNotHappen(description: "join lines: \(names)")
            }
            return try JoinLine(String(decoding: Files.read(path("state/\(name)")), as: UTF8.self))
        }
    }

    func status() async throws -> JobView { try JobView(await call("job.status", [])) }
}
