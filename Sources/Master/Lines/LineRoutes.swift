import Access
import Glibc
import LocalMachine
import Model
import TaskRuntime
import WorkerProtocol
import XMLRPCTransport

/// Input and map output as text, for workers in any language: `/records/1-map-0-1`, `/pairs/1-map-0-1`, `/pairs/1-reduce-0-1`.
///
/// A worker acts on the status alone: with 409 it hands the attempt back, with 422 it refuses it, and anything else fails it.
struct LineRoutes: Sendable {
    let context: MasterContext
    /// As in ``DataRoutes``.
    let isRunning: @Sendable (AttemptID, WorkerID?) -> Bool
    /// Map outputs that are being uploaded, and what room they will take.
    private let underWay = UploadsUnderWay()

    init(context: MasterContext, isRunning: @escaping @Sendable (AttemptID, WorkerID?) -> Bool) {
        self.context = context
        self.isRunning = isRunning
    }

    /// For the pairs of one attempt; what is beyond goes to the disk.
    private static let memoryByteCount = 32 << 20

    var routes: [Route] {
        [
            .get(DataPath.records + "/*", role: Role.worker.rawValue) { try records($0) },
            .get(DataPath.pairs + "/*", role: Role.worker.rawValue) { try pairs($0) },
            .put(DataPath.pairs + "/*", role: Role.worker.rawValue) { try mapOutput($0) },
        ]
    }

    /// An attempt that its worker runs.
    private struct Subject {
        let attempt: AttemptID
        let job: ServedJob
        /// nil where an earlier master had handed it out.
        let work: AssignmentMessage.Work?
    }

    private static let notHere = RouteAnswer.status(
        409, "an earlier master had handed out this attempt, or to a worker with a data port; hand it back")

    private enum Admission {
        case subject(Subject)
        case refusal(Int, String)
    }

    private func admission(_ request: RouteRequest) -> Admission {
        guard request.components.count == 1, let attempt = AttemptID(name: request.components[0]) else {
            return .refusal(404, "attempts are named like 1-map-0-1")
        }
        guard isRunning(attempt, Grant(request.role)?.worker), let job = context.job(attempt.task.job) else {
            return .refusal(409, "this attempt is not running any more")
        }
        if let obstacle = LineRules.obstacle(to: job.plan) { return .refusal(422, obstacle) }
        return .subject(Subject(attempt: attempt, job: job, work: context.lineAttempts.work(of: attempt)))
    }

    /// What the full disk of the master costs is no failure of a task.
    private func diskFull(_ attempt: AttemptID) -> String {
        context.lineAttempts.noteDiskFull(attempt)
        return "the master's disk is full under '\(context.scratch.path)'; hand the attempt back"
    }

    private func isFullDisk(_ error: TaskError) -> Bool {
        switch error {
        case .temporaryFailed(_, let number): number == ENOSPC || number == EDQUOT
        // It says why in words alone.
        case .outputFailed: !context.hasScratchRoom(for: 0)
        default: false
        }
    }

    /// Answers with a file that is gone as soon as it is sent.
    private func answer(
        _ request: RouteRequest, to attempt: AttemptID, write: (_ path: String) throws -> Void
    ) throws -> RouteAnswer {
        guard context.hasScratchRoom(for: 0) else { return .status(409, diskFull(attempt)) }
        let path = context.handOverPath(request.callerID)
        defer { unlink(path) }
        do {
            try write(path)
        } catch let error as TaskError where isFullDisk(error) {
            // Seen while what was written of it is still there.
            return .status(409, diskFull(attempt))
        }
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        var status = stat()
        guard descriptor >= 0, fstat(descriptor, &status) == 0 else {
            if descriptor >= 0 { close(descriptor) }
            return .status(503, "the master cannot open '\(path)': \(String(cString: strerror(errno)))")
        }
        return .file(FileAnswer(descriptor: descriptor, offset: 0, byteCount: Int64(status.st_size)))
    }
}

// MARK: What a map attempt reads

extension LineRoutes {
    private func records(_ request: RouteRequest) throws -> RouteAnswer {
        let subject: Subject
        switch admission(request) {
        case .refusal(let status, let reason): return .status(status, reason)
        case .subject(let admitted): subject = admitted
        }
        switch subject.work {
        case .map(let pieces, let files), .mapToPart(let pieces, let files, _):
            let records = RecordRule(subject.job.plan.forms)
            return try answer(request, to: subject.attempt) { path in
                let input = try InputUnpacker(in: context.scratch.path, control: TaskControl()) {
                    try context.scratch.makeUnnamedFile()
                }.unpacked(.local(pieces: pieces, files: files, records: records))
                let counters = try writeRecords(of: input, attempt: subject.attempt, outputPath: path)
                context.lineAttempts.noteRead(subject.attempt, counters)
            } orFailWith: { error in
                .status(500, "\(error)")
            }
        case .reduce: return .status(404, "a reduce attempt reads pairs, from \(DataPath.pairs)")
        case nil: return Self.notHere
        }
    }

    /// The same, with an answer for errors that are to fail the attempt by name.
    private func answer(
        _ request: RouteRequest, to attempt: AttemptID, write: (_ path: String) throws -> Void,
        orFailWith answer: (TaskError) -> RouteAnswer
    ) throws -> RouteAnswer {
        do {
            return try self.answer(request, to: attempt, write: write)
        } catch let error as TaskError {
            return answer(error)
        }
    }
}

// MARK: What a map attempt makes

extension LineRoutes {
    private func mapOutput(_ request: RouteRequest) throws -> UploadDecision {
        let subject: Subject
        switch admission(request) {
        case .refusal(let status, let reason): return .refuse(status, reason)
        case .subject(let admitted): subject = admitted
        }
        guard subject.attempt.task.kind == .map else {
            return .refuse(404, "a reduce attempt's output is a part, and goes to \(DataPath.output)")
        }
        // RFC 9110, section 14.5: a part of it must not be taken for the whole.
        guard request.header("Content-Range") == nil else { return .refuse(400, "pairs are uploaded as a whole") }
        guard let byteCount = request.byteCount else { return .refuse(411, "pairs come with their Content-Length") }
        guard byteCount <= DataRoutes.partByteCountMax else {
            return .refuse(413, "pairs of one attempt may have \(DataRoutes.partByteCountMax) bytes")
        }
        let attempt = subject.attempt
        guard underWay.begin(attempt, byteCount: byteCount) else {
            return .refuse(409, "these pairs are being uploaded already; hand the attempt back")
        }
        let descriptor: CInt
        do {
            // They are written a second time, sorted.
            guard context.hasScratchRoom(for: Self.doubled(underWay.restCount)) else {
                underWay.end(attempt)
                return .refuse(409, diskFull(attempt))
            }
            descriptor = try context.scratch.makeUnnamedFile()
        } catch {
            underWay.end(attempt)
            throw error
        }
        underWay.opened(attempt, descriptor: descriptor)
        let path = context.handOverPath(request.callerID)
        let worker = Grant(request.role)?.worker
        return .accept(
            Upload(
                descriptor: descriptor, byteCountMax: DataRoutes.partByteCountMax,
                finish: { byteCount in
                    defer {
                        underWay.end(attempt)
                        close(descriptor)
                    }
                    return keep(descriptor, byteCount: byteCount, of: subject, from: worker, by: path)
                },
                discard: {
                    // Perhaps that is why.
                    if !context.hasScratchRoom(for: 0) { _ = diskFull(attempt) }
                    underWay.end(attempt)
                    close(descriptor)
                }))
    }

    private static func doubled(_ byteCount: Int64) -> Int64 {
        let (twice, overflows) = byteCount.addingReportingOverflow(byteCount)
        return overflows ? .max : twice
    }

    private func keep(
        _ descriptor: CInt, byteCount: Int64, of subject: Subject, from worker: WorkerID?, by path: String
    ) -> RouteAnswer {
        let (attempt, plan) = (subject.attempt, subject.job.plan)
        do {
            let result = try writeMapOutput(
                lines: descriptor, byteCount: byteCount, values: LineRules.values(of: plan),
                partitionCount: plan.reduceCount, attempt: attempt, outputPath: path,
                memoryByteCount: Self.memoryByteCount)
            guard isRunning(attempt, worker) else {
                unlink(path)
                return .status(409, "this attempt is not running any more")
            }
            // Without pairs there is no file.
            guard result.output.byteCount == 0 || rename(path, context.heldOutputPath(attempt)) == 0 else {
                let reason = String(cString: strerror(errno))
                unlink(path)
                return .status(507, "the master cannot keep it: \(reason)")
            }
            context.lineAttempts.noteKept(attempt, result.output, result.counters)
            return .status(201, "kept")
        } catch let error as TaskError {
            return isFullDisk(error) ? .status(409, diskFull(attempt)) : .status(400, "\(error)")
        } catch {
            return .status(400, "these are no pairs: \(error)")
        }
    }
}

// MARK: What a reduce attempt reads

extension LineRoutes {
    private func pairs(_ request: RouteRequest) throws -> RouteAnswer {
        let subject: Subject
        switch admission(request) {
        case .refusal(let status, let reason): return .status(status, reason)
        case .subject(let admitted): subject = admitted
        }
        guard let work = subject.work else { return Self.notHere }
        guard case .reduce(let sources, _) = work else {
            return .status(404, "a map attempt reads records, from \(DataPath.records)")
        }
        let attempt = subject.attempt
        let found = HeldSegments(of: sources, for: attempt, in: context)
        if let failure = found.failure {
            context.lineAttempts.noteUnread(attempt, failure)
            return .status(409, "some map output is not here yet; hand the attempt back")
        }
        return try answer(request, to: attempt) { path in
            let result = try writePairs(
                of: found.segments.map(\.source), values: LineRules.values(of: subject.job.plan), attempt: attempt,
                outputPath: path, memoryByteCount: Self.memoryByteCount)
            var counters = TaskCounters()
            counters.reduceKeys = result.counters.reduceKeys
            context.lineAttempts.noteRead(attempt, counters, topKeys: result.topKeys)
        } orFailWith: { error in
            guard case .corruptSegment(let index, _, let reason) = error else { return .status(500, "\(error)") }
            context.lineAttempts.noteUnread(
                attempt, FetchFailure(damaged: [found.segments[index].output], reason: reason))
            return .status(409, "some map output is damaged, and made again; hand the attempt back")
        }
    }
}
