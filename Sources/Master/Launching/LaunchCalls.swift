import Access
import LaunchedWorkers
import LocalMachine
import Processes
import WorkerProtocol
import XMLRPC

/// Scripts that the master runs beside itself for those who call for them.
struct LaunchCalls {
    /// nil where it launches nothing.
    let desk: LaunchDesk?
    /// Who works for jobs, as `job.workers` has them.
    let joined: @Sendable () -> [XMLRPCValue]
    /// Runs what may wait for a disk, on another thread.
    let runBlocking: @Sendable (@escaping @Sendable () -> Void) -> Void

    var methods: [Method] { [launch, list, stop, wait] }

    /// The longest that an answer is held back.
    static let waitMax: Duration = .seconds(secondsMax)
    static let secondsMax = 600

    /// What launches nothing says so, and how that is changed.
    static func desk(_ desk: LaunchDesk?) throws(XMLRPCFault) -> LaunchDesk {
        guard let desk else {
            throw LaunchFault.refused(
                "this master launches no workers: that runs code on its machine as its user, and is for masters that were started with --allow-launch"
            )
        }
        return desk
    }

    private var launch: Method {
        Method(
            name: MethodName.launchWorkers, signatures: [[.array, .structure]],
            help: """
                Runs a script on the master's machine, as its user, once or several times side by side; only where the master was started with --allow-launch. \
                Takes a struct: script (string or base64: a path on the master's machine) or code (string or base64: its text), and, if it likes, n (int: how many \
                workers, 1 to \(LaunchOrder.countMax); 1), cpu (double: cores that each may keep busy), memory (double: GiB that each may use), env (struct of \
                string or base64: variables, whose names don't begin with MR_), kernel (string: what runs it, one of \(LaunchKernel.names); else its first line says it (#!), else the \
                end of its name, and code is Python), name (string), folder (string or base64: where it runs, an absolute path, and where script is looked up; /), start_delay \
                (double: seconds before it begins, 60 at most; 0), nvidia_gpu (int: 0) and key (string of at most \(LaunchOrder.keyByteCountMax) bytes: \
                of a call that may be made again; the second with a key launches nothing and answers the workers of the first). Answers an array of struct, as list_workers does.
                """,
            role: Role.admin.rawValue
        ) { parameters, caller, reply in
            answer(reply) { () throws(XMLRPCFault) in
                let desk = try Self.desk(desk)
                let (order, count, key) = try LaunchOrder.read(parameters[0])
                let requester = Self.requester(caller)
                try desk.whenOpen {
                    runBlocking {
                        answer(reply) { () throws(XMLRPCFault) in
                            let workers = try desk.launch(order, count: count, key: key, requester: requester)
                            reply(.success(.array(workers.map { desk.value(of: $0) })))
                        }
                    }
                }
            }
        }
    }

    /// As scripts on this machine reach whoever calls.
    private static func requester(_ caller: Caller) -> String {
        let address = caller.remoteAddress
        if address.isEmpty || Loopback.contains(address) { return "127.0.0.1" }
        // Of IPv4, at a socket of IPv6.
        return address.hasPrefix("::ffff:") ? String(address.dropFirst("::ffff:".count)) : address
    }

    private var list: Method {
        Method(
            name: MethodName.listWorkers, signatures: [[.array], [.array, .structure]],
            help: """
                Lists the workers that launch_workers has launched, those that are over too (the newest \(LaunchTable.endedMax)). For the role viewer, and for launched workers. Answers an array of \
                struct: id (int), engine_id (string, another in each master), name (string), status (string: starting, running, stopping, succeeded, failed or \
                stopped), created_at, running_at and finished_at (string: in UTC, as in 2026-01-31T12:00:00Z), ip_address (string), output (base64: the last \
                \(OutputTail.byteCountMax) bytes and \(OutputTail.lineCountMax) lines of standard output and error), output_bytes (double: all that it wrote), limits (string: what holds them), cpu and memory (double, as \
                they were asked for), exit_code (int), signal (int) and reason (string: why it did not succeed; it names the limit that was passed). What is not known yet, or does not apply, is left out. \
                With a struct whose member joined is true, for the role viewer alone: and then the workers that have joined to work for jobs, the first \(WorkerListCall.countMax) of them, \
                each as job.workers describes it, with status (string: joined) in place of id and engine_id.
                """
        ) { parameters, caller, reply in
            answer(reply) { () throws(XMLRPCFault) in
                let wantsJoined = try Self.wantsJoined(parameters)
                guard Self.mayLook(caller, joined: wantsJoined) else { throw Self.forbidden(MethodName.listWorkers) }
                // The output of all may be 20 MB, and nobody else is to wait for that.
                runBlocking {
                    let launched = desk.map { desk in desk.all.map { desk.value(of: $0) } } ?? []
                    reply(.success(.array(launched + (wantsJoined ? joined() : []))))
                }
            }
        }
    }

    private static func wantsJoined(_ parameters: [XMLRPCValue]) throws(XMLRPCFault) -> Bool {
        guard let query = parameters.first else { return false }
        let fields = try Fields(query, in: "the query")
        return fields.has("joined") ? try fields.boolean("joined") : false
    }

    private static func mayLook(_ caller: Caller, joined: Bool) -> Bool {
        guard let grant = Grant(caller.role) else { return false }
        return grant.role.allows(.viewer) || (grant.launched != nil && !joined)
    }

    private static func forbidden(_ method: String) -> XMLRPCFault {
        XMLRPCFault(
            code: FaultCode.forbidden,
            message:
                "\(method) needs the role viewer, or the token of a launched worker, which these credentials don't have"
        )
    }

    private var stop: Method {
        Method(
            name: MethodName.stopWorkers, signatures: [],
            help: """
                Ends launched workers with all that they have started: by SIGTERM, and by SIGKILL \(LaunchDesk.stopGraceSeconds) s later. Takes any number of ids or engine ids (int or string); without any it \
                ends all. Answers an array of struct, as list_workers does, at once: await_workers waits for the ends. What is over already stays as it is.
                """,
            role: Role.admin.rawValue
        ) { parameters, _ in
            let desk = try Self.desk(desk)
            let ids = try Self.ids(parameters, in: desk)
            return .array(desk.stop(ids).map { desk.value(of: $0) })
        }
    }

    private var wait: Method {
        Method(
            name: MethodName.awaitWorkers,
            signatures: [[.structure, .array, .boolean, .double], [.structure, .array, .boolean, .int]],
            help: """
                Waits for launched workers. Takes an array of ids, engine ids, or structs as list_workers answers them (an empty one means all), \
                wait_for_completion (true: until they have succeeded; false: until they run) and timeout_seconds (0 to \(Self.secondsMax)). Answers a struct: workers \
                (array of struct, as list_workers does: those that have come so far), failures (array of struct: those that have not, because they failed or were stopped, or the time was over) and \
                timed_out (boolean: the time was over for some of these).
                """,
            role: Role.viewer.rawValue
        ) { parameters, caller, reply in
            answer(reply) { () throws(XMLRPCFault) in
                let desk = try Self.desk(desk)
                guard case .array(let items) = parameters[0], case .boolean(let untilDone) = parameters[1],
                    let seconds = parameters[2].seconds, seconds >= 0, seconds <= Double(Self.secondsMax)
                else {
                    throw CallFault.invalid("timeout_seconds is a number from 0 to \(Self.secondsMax)")
                }
                let ids = try Self.ids(items, in: desk)
                let mayLaunch = Grant(caller.role)?.role.allows(.admin) == true
                desk.wait(
                    for: ids, untilDone: untilDone, within: .seconds(seconds), mayLaunch: mayLaunch, callerID: caller.id
                ) { result in
                    reply(
                        result.map { standing in
                            .structure([
                                "workers": .array(standing.reached.map { desk.value(of: $0) }),
                                "failures": .array((standing.missed + standing.underWay).map { desk.value(of: $0) }),
                                "timed_out": .boolean(!standing.isSettled),
                            ])
                        })
                }
            }
        }
    }

    /// - Returns: Those that are named, or all when none is.
    private static func ids(_ values: [XMLRPCValue], in desk: LaunchDesk) throws(XMLRPCFault) -> [LaunchID] {
        guard !values.isEmpty else { return desk.all.map(\.id) }
        guard values.count <= LaunchTable.aliveMax + LaunchTable.endedMax else {
            throw CallFault.invalid("these are more ids than there can be workers")
        }
        var ids: [LaunchID] = []
        for value in values {
            var name = value
            if case .structure(let members) = value, let id = members["id"] { name = id }
            guard let text = name.launchName else {
                throw CallFault.invalid("a launched worker is named by its id (int) or engine id (string)")
            }
            guard let worker = desk.worker(named: text) else {
                throw LaunchFault.refused(
                    "there is no launched worker '\(DisplayName.of(Array(text.utf8)))'; \(LaunchFault.whereToLook)")
            }
            if !ids.contains(worker.id) { ids.append(worker.id) }
        }
        return ids
    }
}

extension XMLRPCValue {
    /// What may name a launched worker, as text; nil for anything else.
    var launchName: String? {
        switch self {
        case .int(let number): "\(number)"
        case .int64(let number): "\(number)"
        case .string: name(byteCountMax: 64)
        default: nil
        }
    }

    fileprivate var seconds: Double? {
        switch self {
        case .double(let value): value
        case .int(let value): Double(value)
        default: nil
        }
    }
}
