import Access
import Coordinator
import KeyPins
import LocalMachine
import Model
import Shell
import WorkerProtocol
import XMLRPC

/// The full protocol: register, poll, leave.
struct WorkerCalls {
    let shell: CoordinatorShell
    let context: MasterContext
    let policy: Policy
    let intermediateCompression: IntermediateCompression
    let instance: String
    /// Whether this master speaks TLS.
    let encrypts: Bool
    /// Whether the master itself started the worker of that name.
    let isLocal: @Sendable (String) -> Bool
    /// Whether jobs of this master may run that application.
    let mayBeAsked: @Sendable (String) -> Bool
    /// Told of each worker that has registered.
    let onJoined: @Sendable (RegisterRequest) -> Void
    let supervised = SupervisedWorkers()
    /// Ends what the launched worker of that number has bought.
    let sendAway: @Sendable (_ workers: [WorkerID], _ launched: Int) -> Void
    /// Told that a process was started again, and how the one before it ended.
    let onReplaced: @Sendable (_ name: String, _ lastEnd: String) -> Void

    var methods: [Method] { [register, poll, leave] }

    private var register: Method {
        Method(
            name: MethodName.register, signatures: [[.structure, .structure]],
            help: """
                Makes a worker known. Takes a struct: version (int, \(ProtocolVersion.current)), name (string), slots (int: attempts it runs at once), \
                applications (array of string), and, if it has a data port, host (string, equal for processes on one machine, or empty), scratch (base64: \
                absolute path of its map output), address (string: HOST:PORT of its data port), and, where that speaks TLS, pin (string: of \
                its key). A worker whose process is started again when it dies may say so: supervisor_key (string of at most \(Supervision.keyByteCountMax) bytes: the same for all \
                of these processes, and a secret), restarts (int) and last_end (string: how the one before it ended); that one is then lost at once. Answers a struct: worker (int, its number), lease_seconds and heartbeat_seconds (double), instance (string, \
                another at each start of the master), and, unless the master lets everybody in, token (string: to be shown from now on in place of \
                the secret; it is for this worker alone), ticket_key (base64: what the tickets are made with that others show at the data \
                port) and clock (double: what the clock shows that tickets end by, in seconds). With --compress-intermediate \
                also compress_intermediate (string: 'always' or 'never': whether the worker asks other workers for map output in zstd).
                """,
            role: Role.worker.rawValue
        ) { parameters, caller, reply in
            answer(reply) { () throws(XMLRPCFault) in
                // Each session is bought with a secret, and none with another session: so rotating ends it all.
                guard Grant(caller.role)?.worker == nil else {
                    throw XMLRPCFault(
                        code: FaultCode.forbidden,
                        message: "register with the secret of the join line, not with a token")
                }
                let request = try RegisterRequest(parameters[0])
                // What such a worker says of itself may end the job, and the master watches over its process.
                guard !Self.isNameOfLocal(request.name) || Grant(caller.role)?.role == .admin else {
                    throw XMLRPCFault(
                        code: FaultCode.refused,
                        message: "names like local-1 are for workers that the master starts; take another (--name)")
                }
                try check(request)
                let details = WorkerDetails(place: request.place, isLocal: isLocal(request.name))
                let profile = WorkerProfile(
                    name: request.name, slots: request.slots,
                    // Nothing else is ever asked of it, and what it says may be long.
                    applications: Set(request.applications.filter(mayBeAsked)),
                    details: details.bytes)
                let id = RequestID(number: caller.id)
                shell.submit(.workerRegistered(profile, request: id), request: id) { answer in
                    finishRegistration(answer, of: request, launched: Grant(caller.role)?.launched, reply)
                }
            }
        }
    }

    /// `local-` and numbers: also of such as are still to be started.
    private static func isNameOfLocal(_ name: String) -> Bool {
        guard name.hasPrefix("local-"), let last = name.dropFirst("local-".count).first else { return false }
        return ("0"..."9").contains(last)
    }

    private func check(_ request: RegisterRequest) throws(XMLRPCFault) {
        // What can't be typed can't be drained or sent away.
        guard DisplayName.of(Array(request.name.utf8)) == request.name else {
            throw CallFault.invalid("member 'name' of worker.register must be printable text")
        }
        let place = request.place
        guard encrypts, !place.address.isEmpty else { return }
        // Others would speak plain HTTP to whatever it names.
        guard KeyPin(place.pin) != nil else {
            throw CallFault.invalid(
                "a master with TLS takes no worker whose data port has none: member 'pin' of worker.register must be its key's"
            )
        }
    }

    /// - Parameter launched: The number of the launched worker whose secret it came with.
    private func finishRegistration(
        _ answer: Reply, of request: RegisterRequest, launched: Int?, _ reply: Method.Reply
    ) {
        guard case .registered(let worker) = answer else { return reply(.failure(CallFault.of(answer))) }
        let known = { Set(shell.read { $0.workerProfiles.map(\.id) }) }
        context.remember(worker, name: request.name, place: request.place, known: known)
        if let launched, let access = context.access, !access.note(worker, launched: launched, known: known) {
            // It came to its end meanwhile, and the session with it.
            sendAway([worker], launched)
        }
        if let supervision = request.supervision, let dead = supervised.take(worker, supervision) {
            // Whoever saw it die need not wait until it has been silent for long.
            shell.submit(.workerDied(dead, reason: "its process \(supervision.lastEnd)"))
            onReplaced(request.name, supervision.lastEnd)
        }
        onJoined(request)
        reply(
            .success(
                RegisterAnswer(
                    worker: worker, leaseLength: policy.leaseLength, heartbeatInterval: policy.heartbeatInterval,
                    instance: instance, session: context.access?.session(of: worker),
                    intermediateCompression: intermediateCompression
                ).value))
    }

    private var poll: Method {
        Method(
            name: MethodName.poll, signatures: [[.structure, .structure]],
            help: """
                Heartbeat, reports and the request for work in one. Takes a struct: worker (int), instance (string: both as worker.register answered), sequence (int, one more with \
                each new poll; the same again is a retry and gets the same answer), reports (array of struct: attempt, outcome and reason (string); that of a success says what its output is like, unless it was sent by \
                PUT without a data port, and with \
                user_counters, an array of arrays of group and name, base64, and count, an i8, what the application counted), running (array of \
                attempt names: their leases are renewed), capacity (int: attempts it would take now), wait_seconds (double: how \
                long the answer may be held back when there is nothing to say), and, if it likes, jobs (array of int: jobs that \
                earlier answers brought, and whose ends it wants to hear of), draining (boolean: it is about to leave, and takes nothing more), handing_over (int: map \
                outputs that it is sending to the master), statuses (array of struct: attempt (string) and text (base64): what programs of \
                running attempts say that they are about) and machine (struct, for people: any of host, version and last_end (string), cores and restarts (int), load, \
                and in bytes memory, memory_free, disk_free, read_bytes and fetched_bytes (double)). Answers a struct: verdicts (array of string, \
                'accepted' or 'stale', one per report), assignments (array of struct), cancelled (array of attempt names to \
                drop), jobs (array of struct, one for each job that assignments are of, but for those that the poll named: job (int: its \
                number, with which the names of its attempts begin), application (string), options (struct of base64), reduces (int), and for parts that are ranges of keys cut_points (array of \
                base64: where each part but the last ends), and where records may be left out \
                skip_bad_records (int: how many), and where the command line said them input_format, output_format and compress (string), and \
                skip_header (boolean), and where tasks find files in their working folders shipped and shipped_marks (base64: \
                which files, and their digests)), and, where there is something to say: ended (array of int: those jobs that \
                the poll named which are over: nothing of them is needed any more), hand_over (array of map attempt \
                names: readers can't reach the worker, or it drains, and it should send these outputs by PUT /intermediate/ATTEMPT), \
                drain (boolean: it should drain), and, when every job is over or a draining worker is not needed any more, stop \
                (string: why).
                """,
            role: Role.worker.rawValue
        ) { parameters, caller, reply in
            answer(reply) { () throws(XMLRPCFault) in
                let request = try PollRequest(parameters[0])
                guard request.instance == instance else { throw CallFault.of(.unknownWorker) }
                try CallFault.check(caller, speaksFor: request.worker)
                context.statuses.note(request.statuses)
                context.machines.note(request.machine, of: request.worker)
                let id = RequestID(number: caller.id)
                let reports = context.lineAttempts.completed(request)
                // Without a data port its tasks need the master's own disk.
                let waits = context.lineAttempts.isPaused() && context.hasNoDataPort(request.worker)
                let poll = Poll(request, reports, capacity: waits ? 0 : request.capacity)
                shell.submit(.polled(poll, request: id), request: id) { answer in
                    // Its last poll was parked when it was sent away.
                    if case .unknownWorker = answer, context.access?.hasDismissed(request.worker) == true {
                        return reply(.failure(CallFault.dismissed))
                    }
                    guard case .poll(let poll) = answer else { return reply(.failure(CallFault.of(answer))) }
                    endLineAttempts(reports, poll.verdicts)
                    reply(.success(response(to: poll, of: request).value))
                }
            }
        }
    }

    /// What workers without a data port have made is the master's to hold: it stays when they go.
    private func endLineAttempts(_ reports: [AttemptReport], _ verdicts: [Verdict]) {
        guard !reports.isEmpty else { return }
        let ended = Set(context.lineAttempts.end(reports.map(\.attempt)))
        for (report, verdict) in zip(reports, verdicts) where ended.contains(report.attempt) {
            guard report.attempt.task.kind == .map else { continue }
            if verdict == .accepted, case .succeeded(let result) = report.outcome {
                if result.output.byteCount > 0 { shell.submit(.outputHandedOver(report.attempt)) }
            } else {
                context.scratch.removeFile(report.attempt.name)
            }
        }
    }

    private func response(to answer: PollAnswer, of request: PollRequest) -> PollResponse {
        var response = PollResponse(
            verdicts: answer.verdicts,
            assignments: answer.assignments.compactMap { context.message(for: $0, to: request.worker) },
            cancelled: answer.cancelled, handOver: answer.handOver, ended: answer.ended)
        for assignment in response.assignments
        where !request.jobs.contains(assignment.job.id)
            && !response.jobs.contains(where: { $0.id == assignment.job.id })
        {
            response.jobs.append(assignment.job)
        }
        switch answer.directive {
        case .proceed: break
        case .drain: response.drains = true
        case .stop(let reason): response.stop = reason
        }
        return response
    }

    private var leave: Method {
        Method(
            name: MethodName.leave, signatures: [[.boolean, .int, .string]],
            help: """
                Says goodbye: the worker's running attempts go to others at once, and count against nobody. Takes the worker's \
                number and the instance that it registered with; answers true.
                """,
            role: Role.worker.rawValue
        ) { parameters, caller, reply in
            guard case .int(let number) = parameters[0], number >= 1 else {
                return reply(.failure(CallFault.invalid("a worker's number is 1 or more")))
            }
            guard parameters[1].name() == instance else { return reply(.failure(CallFault.of(.unknownWorker))) }
            do throws(XMLRPCFault) {
                try CallFault.check(caller, speaksFor: WorkerID(number: Int(number)))
            } catch {
                return reply(.failure(error))
            }
            let id = RequestID(number: caller.id)
            shell.submit(.workerLeft(WorkerID(number: Int(number)), request: id), request: id) { answer in
                guard case .left = answer else { return reply(.failure(CallFault.of(answer))) }
                reply(.success(.boolean(true)))
            }
        }
    }
}

extension Poll {
    fileprivate init(_ request: PollRequest, _ reports: [AttemptReport], capacity: Int) {
        self.init(
            worker: request.worker, sequence: Int64(request.sequence), reports: reports,
            running: request.running, capacity: capacity, waitMax: request.waitMax,
            isDraining: request.isDraining, handingOverCount: request.handingOverCount, jobs: request.jobs)
    }
}

/// Runs what reads a call's parameters, and answers with the fault that it throws.
func answer(_ reply: Method.Reply, _ body: () throws(XMLRPCFault) -> Void) {
    do throws(XMLRPCFault) { try body() } catch { reply(.failure(error)) }
}

/// Faults for what the coordinator refuses.
enum CallFault {
    static func invalid(_ message: String) -> XMLRPCFault {
        XMLRPCFault(code: XMLRPCFault.invalidParameters, message: message)
    }

    static let dismissed = XMLRPCFault(
        code: FaultCode.dismissed, message: "this worker was sent away (mr-ctl kick)")

    /// Nobody takes another worker's tasks, or says goodbye in its name.
    static func check(_ caller: Caller, speaksFor worker: WorkerID) throws(XMLRPCFault) {
        guard Grant(caller.role)?.speaks(for: worker) == true else {
            throw XMLRPCFault(
                code: FaultCode.forbidden,
                message: "these credentials don't speak for \(worker): show the token that worker.register answered")
        }
    }

    static func of(_ reply: Reply) -> XMLRPCFault {
        switch reply {
        case .unknownWorker:
            XMLRPCFault(code: FaultCode.unknownWorker, message: "this worker is not known here; register again")
        case .refused(let reason):
            XMLRPCFault(code: FaultCode.refused, message: reason)
        case .registered, .poll, .left, .drains, .simpleRegistered, .simpleTask, .simpleCompletion, .computation:
            XMLRPCFault(code: XMLRPCFault.internalError, message: "the master answered another question than was asked")
        }
    }
}
