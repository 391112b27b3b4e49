import Access
import Coordinator
import Model
import Shell
import TaskRuntime
import WorkerProtocol
import XMLRPC

/// `register_worker`, `request_task`, `complete_task`: word counting for workers in any language, nothing but XML-RPC.
struct SimpleCalls {
    let shell: CoordinatorShell
    let context: MasterContext
    /// Runs what may wait for a disk, on another thread.
    let runBlocking: @Sendable (@escaping @Sendable () -> Void) -> Void
    private let handedOut = HandedOutTexts()

    init(
        shell: CoordinatorShell, context: MasterContext,
        runBlocking: @escaping @Sendable (@escaping @Sendable () -> Void) -> Void
    ) {
        self.shell = shell
        self.context = context
        self.runBlocking = runBlocking
    }

    /// A line may run on past the end of its split; with this much more the text no longer travels inline.
    static let textByteCountMax = 1 << 20

    var methods: [Method] { [register, request, complete] }

    private var register: Method {
        Method(
            name: "register_worker", signatures: [[.string, .string]],
            help: "Makes a worker of the simple calls known by its name, and answers the name.",
            role: Role.worker.rawValue
        ) { parameters, caller, reply in
            answer(reply) { () throws(XMLRPCFault) in
                let name = try workerName(parameters[0], caller)
                let id = RequestID(number: caller.id)
                shell.submit(.simpleWorkerRegistered(name: name, request: id), request: id) { answer in
                    guard case .simpleRegistered(let name) = answer else {
                        return reply(.failure(CallFault.of(answer)))
                    }
                    reply(.success(.string(name)))
                }
            }
        }
    }

    private var request: Method {
        Method(
            name: "request_task", signatures: [[.array, .string]],
            help: """
                Asks for some text to count words in. Takes the worker's name; answers [task id, text], or [nil, nil] when there \
                is nothing to do now. The counts must be back within the lease (10 s unless the master says otherwise).
                """,
            role: Role.worker.rawValue
        ) { parameters, caller, reply in
            answer(reply) { () throws(XMLRPCFault) in
                let name = try workerName(parameters[0], caller)
                let id = RequestID(number: caller.id)
                shell.submit(.simpleTaskRequested(name: name, request: id), request: id) { answer in
                    handOut(answer, to: name, request: id, reply)
                }
            }
        }
    }

    private func handOut(_ answer: Reply, to name: String, request: RequestID, _ reply: @escaping Method.Reply) {
        guard case .simpleTask(let attempt, let pieces) = answer else {
            return reply(.failure(CallFault.of(answer)))
        }
        guard let attempt else { return reply(.success(.array([.nil, .nil]))) }
        runBlocking {
            if let text = carriableText(of: pieces, in: attempt.task.job) {
                handedOut.remember(attempt, text: text, for: name)
                return reply(.success(.array([.string(attempt.name), .string(text)])))
            }
            shell.submit(.simpleTaskUnsuitable(attempt, name: name, request: request), request: request) { answer in
                handOut(answer, to: name, request: request, reply)
            }
        }
    }

    /// nil when the text can't travel in XML, or can't be read: then a full worker finds out and says why.
    private func carriableText(of pieces: [SplitPiece], in id: JobID) -> String? {
        guard let job = context.job(id) else { return nil }
        var files: [Int: InputFile] = [:]
        for piece in pieces { files[piece.fileIndex] = job.plan.files[piece.fileIndex] }
        // Their text is not in them as it stands.
        guard files.values.allSatisfy({ $0.compression == nil }) else { return nil }
        let input = MapInput.local(pieces: pieces, files: files)
        // Whatever is wrong with the input is for a full worker to report, with its name.
        guard let bytes = try? readText(of: input, byteCountMax: Self.textByteCountMax) else { return nil }
        return InlineText.string(from: bytes)
    }

    private var complete: Method {
        Method(
            name: "complete_task", signatures: [[.boolean, .string, .string, .structure]],
            help: """
                Hands in the counts of a task: its id, the worker's name, and a struct of word -> count. Answers true when they \
                count, false when the task has meanwhile gone to another worker or was never this one's.
                """,
            role: Role.worker.rawValue
        ) { parameters, caller, reply in
            answer(reply) { () throws(XMLRPCFault) in
                let name = try workerName(parameters[1], caller)
                guard let task = parameters[0].name(), let attempt = AttemptID(name: task) else {
                    throw CallFault.invalid("the first parameter must be the task id that request_task gave")
                }
                let counts = try InlineCounts.counts(from: parameters[2])
                try InlineCounts.check(counts, fit: handedOut.byteCount(attempt, of: name))
                let id = RequestID(number: caller.id)
                guard shell.read({ $0.accepts(attempt, simpleWorker: name) }) else {
                    return submit(
                        attempt, name, AttemptResult(output: OutputSummary(byteCount: 0, checksum: 0)), id, reply)
                }
                runBlocking { keep(counts, of: attempt, name, id, reply) }
            }
        }
    }

    private func keep(
        _ counts: [KeyCount], of attempt: AttemptID, _ name: String, _ request: RequestID,
        _ reply: @escaping Method.Reply
    ) {
        guard let reduceCount = context.job(attempt.task.job)?.plan.reduceCount else {
            // It is over and forgotten: nothing is read of this any more.
            return submit(
                attempt, name, AttemptResult(output: OutputSummary(byteCount: 0, checksum: 0)), request, reply)
        }
        do {
            var result = try writeMapOutput(
                counts: counts, partitionCount: reduceCount, attempt: attempt,
                outputPath: context.uploadPath(request))
            // What a full worker counts while it reads, this one's counts don't show.
            result.counters += handedOut.take(attempt, of: name)
            result.counters.mapOutputRecords = counts.reduce(0) { $0 &+ $1.count }
            submit(attempt, name, result, request, reply)
        } catch {
            reply(.failure(XMLRPCFault(code: FaultCode.refused, message: "the counts cannot be kept: \(error)")))
        }
    }

    private func submit(
        _ attempt: AttemptID, _ name: String, _ result: AttemptResult, _ request: RequestID,
        _ reply: @escaping Method.Reply
    ) {
        let event = Event.simpleTaskCompleted(attempt, name: name, result: result, request: request)
        shell.submit(event, request: request) { answer in
            guard case .simpleCompletion(let accepted) = answer else { return reply(.failure(CallFault.of(answer))) }
            reply(.success(.boolean(accepted)))
        }
    }

    private func workerName(_ value: XMLRPCValue, _ caller: Caller) throws(XMLRPCFault) -> String {
        // A token speaks for the worker that it was made for, and these calls name whomever they like.
        guard Grant(caller.role)?.worker == nil else {
            throw XMLRPCFault(
                code: FaultCode.forbidden,
                message: "workers of the simple calls show the secret of the join line, not a token")
        }
        guard let name = value.name(), !name.isEmpty else {
            throw CallFault.invalid("a worker's name is a string of 1 to 255 bytes")
        }
        return name
    }
}
