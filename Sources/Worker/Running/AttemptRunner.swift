import ApplicationAPI
import Glibc
import LocalMachine
import Model
import TaskRuntime
import WorkerProtocol
import XMLRPCTransport

/// Runs one attempt on a slot's thread, from its assignment to its outcome.
struct AttemptRunner: Sendable {
    let registry: ApplicationRegistry
    let scratch: ScratchFolder
    /// To read input and map output, and to upload parts.
    let remote: RemoteData
    let memoryByteCount: Int
    /// Told, from any thread, that the scratch folder itself is no longer there.
    let onScratchGone: @Sendable () -> Void

    func run(_ assignment: AssignmentMessage, control: TaskControl) -> AttemptOutcome {
        do {
            guard !assignment.job.shipped.isEmpty else { return try work(on: assignment, control: control) }
            let folder = try remote.shippedFiles.makeWorkFolder(
                for: assignment.attempt, assignment.job.shipped, scratch: scratch,
                opener: InputOpener(remote: remote, scratch: scratch, control: control))
            defer { folder.remove() }
            return try work(on: assignment.running(in: folder.path), control: control)
        } catch TaskError.cancelled {
            return .handedBack
        } catch  where !scratch.exists {
            // It is nobody's fault, and nothing can be done here before there is another one.
            onScratchGone()
            return .handedBack
        } catch TaskError.temporaryFailed(let path, let number) where number == ENOSPC || number == EDQUOT {
            return .diskFull(reason: ReasonText.of(TaskError.temporaryFailed(path: path, errorNumber: number)))
        } catch let error as RefusedProgram {
            return .refused(reason: ReasonText.of(error))
        } catch let error as BadRecordError where error.isFinal {
            return .failedForGood(reason: ReasonText.of(error))
        } catch {
            return .failed(reason: ReasonText.of(error))
        }
    }

    private func work(on assignment: AssignmentMessage, control: TaskControl) throws -> AttemptOutcome {
        switch assignment.work {
        case .map(let pieces, let files):
            .succeeded(try runMap(assignment, pieces: pieces, files: files, control: control))
        case .reduce(let sources, let destination):
            try runReduce(assignment, sources: sources, destination: destination, control: control)
        case .mapToPart(let pieces, let files, let destination):
            .succeeded(
                try runMapToPart(assignment, pieces: pieces, files: files, destination: destination, control: control))
        }
    }

    /// One for each task and each try: what it holds of another is nothing to it.
    private func makeApplication(_ assignment: AssignmentMessage) throws -> any Application {
        try registry.make(assignment.job.application.name, options: assignment.job.application.options)
    }

    /// Where the output of a map attempt of this worker is.
    func mapOutputPath(_ attempt: AttemptID) -> String { "\(scratch.path)/\(attempt.name)" }

    private func runMap(
        _ assignment: AssignmentMessage, pieces: [SplitPiece], files: [Int: InputFile], control: TaskControl
    ) throws -> AttemptResult {
        let application = try makeApplication(assignment)
        var cutPoints = assignment.job.cutPoints
        if application.partitioning == .keyRanges && cutPoints == nil {
            // Another one than the task's: what map keeps of the sample is nothing to the task.
            let sampling = try makeApplication(assignment)
            cutPoints = try remote.sampledCutPoints.cutPoints(
                of: assignment, for: sampling, remote: remote, scratch: scratch)
        }
        let input = try input(of: assignment, pieces, files, control)
        let outputPath = mapOutputPath(assignment.attempt)
        let run = { (application: any Application, input: MapInput) in
            try runMapTask(
                application, input: input, partitionCount: assignment.job.reduceCount, cutPoints: cutPoints,
                attempt: assignment.attempt, outputPath: outputPath, memoryByteCount: memoryByteCount, control: control)
        }
        var result = try BadRecords.search(for: assignment, in: application) {
            try run(application, input)
        } resolve: { error, ending, aim in
            let search = MapRecordSearch(input: input, attempt: assignment.attempt, control: control) {
                try makeApplication(assignment)
            }
            return try search.resolve(error, ending: ending, aim: aim) { try run(makeApplication(assignment), $0) }
        }
        LimitCounters.add(to: &result, of: application, .map)
        return result
    }

    private func input(
        of assignment: AssignmentMessage, _ pieces: [SplitPiece], _ files: [Int: InputFile], _ control: TaskControl
    ) throws -> MapInput {
        let job = assignment.attempt.task.job
        let records = RecordRule(assignment.job.forms)
        let packed = MapInput(pieces: pieces, files: files, records: records) { file, index in
            try InputOpener(remote: remote, scratch: scratch, control: control).open(file, index: index, job: job)
        }
        let unpacker = InputUnpacker(in: scratch.path, control: control) { [scratch] in try scratch.makeUnnamedFile() }
        return try unpacker.unpacked(packed)
    }

    /// Of a job without a reduce step.
    private func runMapToPart(
        _ assignment: AssignmentMessage, pieces: [SplitPiece], files: [Int: InputFile], destination: ReduceDestination,
        control: TaskControl
    ) throws -> AttemptResult {
        let application = try makeApplication(assignment)
        let input = try input(of: assignment, pieces, files, control)
        let part = try PartDestination(destination, attempt: assignment.attempt, scratch: scratch)
        let run = { (application: any Application, input: MapInput) in
            try runMapToPartTask(
                application, input: input, attempt: assignment.attempt, outputPath: part.path,
                form: PartForm(assignment.job.forms), control: control)
        }
        do {
            var result = try BadRecords.search(for: assignment, in: application) {
                try run(application, input)
            } resolve: { error, ending, aim in
                let search = MapRecordSearch(input: input, attempt: assignment.attempt, control: control) {
                    try makeApplication(assignment)
                }
                return try search.resolve(error, ending: ending, aim: aim) { try run(makeApplication(assignment), $0) }
            }
            LimitCounters.add(to: &result, of: application, .map)
            try part.deliver(result.output, by: remote)
            return result
        } catch {
            part.discard()
            throw error
        }
    }

    private func runReduce(
        _ assignment: AssignmentMessage, sources: [SourceMessage], destination: ReduceDestination, control: TaskControl
    ) throws -> AttemptOutcome {
        let attempt = assignment.attempt
        let fetcher = SegmentFetcher(remote: remote, scratch: scratch, attempt: attempt)
        defer { fetcher.removeFetched() }
        let fetched = try fetcher.fetch(sources, control: control)
        if let failure = fetched.failure { return .fetchFailed(failure) }
        let part = try PartDestination(destination, attempt: attempt, scratch: scratch)
        do {
            // Without descriptors it begins again, with none of its own held meanwhile: other slots need them to end.
            let result = try remote.patience.wait(control) {
                try reduce(assignment, fetched.segments.map(\.source), outputPath: part.path, control: control)
            }
            try part.deliver(result.output, by: remote)
            return .succeeded(result)
        } catch TaskError.corruptSegment(let index, _, let reason) {
            part.discard()
            return .fetchFailed(FetchFailure(damaged: [fetched.segments[index].output], reason: reason))
        } catch {
            part.discard()
            throw error
        }
    }

    private func reduce(
        _ assignment: AssignmentMessage, _ sources: [SegmentSource], outputPath: String, control: TaskControl
    ) throws -> AttemptResult {
        let application = try makeApplication(assignment)
        let form = PartForm(assignment.job.forms)
        var result = try BadRecords.search(for: assignment, in: application) {
            try runReduceTask(
                application, attempt: assignment.attempt, sources: sources, outputPath: outputPath,
                memoryByteCount: memoryByteCount, form: form, control: control)
        } resolve: { error, ending, aim in
            let search = ReduceGroupSearch(
                attempt: assignment.attempt, sources: sources, outputPath: outputPath,
                memoryByteCount: memoryByteCount, form: form, control: control
            ) {
                try makeApplication(assignment)
            }
            return try search.resolve(error, ending: ending, aim: aim)
        }
        LimitCounters.add(to: &result, of: application, .reduce)
        return result
    }
}

extension AssignmentMessage {
    /// The same, with its programs running in a folder.
    fileprivate func running(in folder: String) -> AssignmentMessage {
        var options = job.application.options
        options["folder"] = Array(folder.utf8)
        let job = JobMessage(
            id: job.id, application: ApplicationChoice(name: job.application.name, options: options),
            reduceCount: job.reduceCount, cutPoints: job.cutPoints, skippedRecordsMax: job.skippedRecordsMax,
            forms: job.forms, shipped: job.shipped)
        return AssignmentMessage(attempt: attempt, job: job, work: work, searchesBadRecord: searchesBadRecord)
    }
}
