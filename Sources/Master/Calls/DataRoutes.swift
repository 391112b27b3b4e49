import Access
import DataService
import Glibc
import LocalMachine
import Model
import Shell
import TaskRuntime
import WorkerProtocol
import XMLRPCTransport

/// The plain HTTP side of the master: input for workers that don't see it, and parts from those that don't see the output.
struct DataRoutes {
    let context: MasterContext
    /// Whether an upload of that attempt's output may start, from that worker where it is known.
    let isRunning: @Sendable (AttemptID, WorkerID?) -> Bool
    let handOver: HandOverRoute
    /// Outputs that are being uploaded, and what room they will take.
    private let underWay = UploadsUnderWay()

    /// The most bytes that one part may have.
    static let partByteCountMax: Int64 = 1 << 40

    var routes: [Route] {
        [
            .get(DataPath.input + "/*", role: Role.worker.rawValue) { try input($0) },
            .put(DataPath.output + "/*", role: Role.worker.rawValue) { try output($0) },
            SampleRoute(context: context).route,
            IntermediateRoute.route(role: Role.worker.rawValue) { context.servedOutputPath($0) },
            handOver.route,
        ] + LineRoutes(context: context, isRunning: isRunning).routes
    }

    init(context: MasterContext, isRunning: @escaping @Sendable (AttemptID, WorkerID?) -> Bool, handOver: HandOverRoute)
    {
        self.context = context
        self.isRunning = isRunning
        self.handOver = handOver
    }

    init(context: MasterContext, shell: CoordinatorShell) {
        self.init(
            context: context, isRunning: { attempt, worker in shell.read { $0.isRunning(attempt, on: worker) } },
            handOver: HandOverRoute(
                context: context,
                expected: { attempt, worker in shell.read { $0.expectedHandOver(of: attempt, from: worker) } },
                onKept: { shell.submit(.outputHandedOver($0)) }))
    }

    private func input(_ request: RouteRequest) throws -> RouteAnswer {
        guard request.components.count == 2, let job = context.job(named: request.components[0]),
            let index = DataPath.index(request.components[1]), let file = job.plan.file(numbered: index)
        else { return .status(404, "no such input file of such a job") }
        let descriptor: CInt
        do throws(FileRefusal) {
            descriptor = try openRegularFile(file.path)
        } catch {
            return error.isReadersFault
                ? .status(503, "the master cannot open any file now: \(error.reason)")
                : .status(410, "the input file is no longer there: \(error.reason)")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, Int64(status.st_size) == file.byteCount,
            Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec) == file.modifiedNanoseconds
        else {
            close(descriptor)
            return .status(409, "the input file has changed since the job was planned")
        }
        return .file(FileAnswer(descriptor: descriptor, offset: 0, byteCount: file.byteCount))
    }

    private func output(_ request: RouteRequest) throws -> UploadDecision {
        guard request.components.count == 1, let attempt = AttemptID(name: request.components[0]),
            attempt.task.kind == .reduce
        else { return .refuse(404, "outputs are uploaded under their attempt's name, as in /output/1-reduce-0-1") }
        // RFC 9110, section 14.5: a part of it must not be taken for the whole.
        guard request.header("Content-Range") == nil else { return .refuse(400, "an output is uploaded as a whole") }
        guard isRunning(attempt, Grant(request.role)?.worker), let folder = context.job(attempt.task.job)?.output else {
            return .refuse(409, "this attempt is not running; drop its output")
        }
        guard let byteCount = request.byteCount else { return .refuse(411, "an output comes with its Content-Length") }
        guard underWay.begin(attempt, byteCount: byteCount) else {
            // Its worker may have lost the connection before this side knows of it.
            return .refuse(503, "this output is being uploaded already; try again later")
        }
        guard folder.hasRoom(for: underWay.restCount) else {
            underWay.end(attempt)
            let reason = "the output folder has no room for \(byteCount) bytes"
            context.lineAttempts.noteDiskFull(attempt)
            return .refuse(507, reason)
        }
        let draft = DraftsFolder.uploadPrefix + "\(request.callerID)"
        do throws(OutputError) {
            let descriptor = try folder.openUpload(draft)
            underWay.opened(attempt, descriptor: descriptor)
            let worker = Grant(request.role)?.worker
            // Who has no data port leaves it to the master to see what its output is like.
            let isMeasured =
                context.lineAttempts.work(of: attempt) != nil || worker.map(context.hasNoDataPort) == true
            return .accept(
                upload(of: attempt, by: worker, to: folder, as: draft, into: descriptor, isMeasured: isMeasured))
        } catch {
            underWay.end(attempt)
            return .refuse(507, "\(error)")
        }
    }

    private func upload(
        of attempt: AttemptID, by worker: WorkerID?, to output: OutputFolder, as draft: String, into descriptor: CInt,
        isMeasured: Bool
    ) -> Upload {
        let (underWay, lineAttempts, isRunning) = (underWay, context.lineAttempts, isRunning)
        return Upload(
            descriptor: descriptor, byteCountMax: Self.partByteCountMax,
            finish: { _ in
                underWay.end(attempt)
                guard isRunning(attempt, worker) else {
                    close(descriptor)
                    output.removeUpload(draft)
                    return .status(409, "this attempt is not running any more; drop its output")
                }
                do {
                    // Closed in any case by what follows.
                    let part = isMeasured ? Result { try measurePart(descriptor) } : nil
                    try output.keepUpload(draft, descriptor, as: attempt)
                    if let part = try part?.get() {
                        lineAttempts.noteKept(attempt, part.output, TaskCounters(part: part))
                    }
                    return .status(201, "kept")
                } catch {
                    output.removeUpload(draft)
                    return .status(507, "\(error)")
                }
            },
            discard: {
                underWay.end(attempt)
                close(descriptor)
                output.removeUpload(draft)
            })
    }
}

extension TaskCounters {
    fileprivate init(part: (output: OutputSummary, lineCount: Int64)) {
        self.init()
        outputBytes = part.output.byteCount
        outputRecords = part.lineCount
    }
}
