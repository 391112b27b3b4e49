import CommandSupport
import Coordinator
import Glibc
import LocalMachine
import Master
import Model

/// Makes jobs of what people submit: the first step of a command line when it comes, and each later one when the step before
/// it is done.
struct JobPreparation: Sendable {
    let numbers: @Sendable () -> JobID
    /// Claims a folder for the last step.
    var claim: @Sendable ([UInt8]) throws -> OutputClaim = { try OutputClaim($0) }
    /// Tells people of what begins.
    let say: @Sendable (String) -> Void

    // MARK: The first step

    /// - Parameters:
    ///   - claim: The folder that the last step writes to; nil to claim the one that is named.
    ///   - standing: How the queue stands, without this job.
    func begin(
        _ submission: JobSubmission, as id: JobID, servesQueue: Bool, in claim: OutputClaim? = nil,
        standing: () -> QueueStanding = { QueueStanding() }
    ) throws -> SubmittedJob {
        try FolderThread.run(in: submission.folder) {
            let steps = try Self.steps(of: submission.arguments)
            if servesQueue { try Self.checkFit(steps[0]) }
            let requests = try steps.map { try JobRequest($0, in: submission.folder) }
            let request = requests[0]
            if let merged = request.merged { try Self.checkOnlyMerge(merged, standing().open) }
            let input = try InputScanner.scan(request.inputs, request.inputManner)
            try MergeFlag.checkInputsSurvive(input.files, request.merged)
            let plan = try JobPlanning(request: request, files: input.files, id: id).plan()
            let final = try claim ?? Self.claim(request.output, standing)
            do {
                try JobPlace.checkInputsSurvive(plan.files, final)
                if claim == nil { try Self.checkUnused(request, final) }
                let output = try Self.output(of: plan, final, isLast: steps.count == 1)
                let details = JobDetails(
                    output: output.absolutePath, marker: output.marker, step: 0, folder: submission.folder,
                    arguments: submission.arguments)
                let terms = JobTerms(
                    submitter: submission.submitter, priority: submission.priority, isPaused: submission.isPaused,
                    expectsSuccessor: steps.count > 1, details: details.bytes)
                for note in input.notes { say("\(id): \(note)") }
                say("\(id): \(Self.text(of: plan, 0, steps.count)), from \(submission.submitter)")
                for name in Self.awaited(requests, standing) {
                    say("\(id): '\(name)' is not built in; it waits for workers that bring it")
                }
                return SubmittedJob(
                    ServedJob(plan: plan, output: output, reserving: steps.count > 1 ? final : nil), terms)
            } catch {
                if claim == nil { final.abandon() }
                throw error
            }
        }
    }

    private static func steps(of arguments: [[UInt8]]) throws -> [MasterOptions] {
        do {
            return try JobArguments(arguments.map(RawArguments.text)).steps
        } catch let failure as ProgramFailure {
            throw failure
        } catch {
            throw ProgramFailure.wrongUsage(MasterCommand.message(for: error))
        }
    }

    private static func checkFit(_ options: MasterOptions) throws(ProgramFailure) {
        for (name, isGiven) in JobArguments.ownOptions(options) where isGiven {
            throw .wrongUsage("\(name) is about the master that serves the queue, not about a job; leave it out")
        }
        guard !options.inputLists.contains("-"), !options.inputs.contains("-") else {
            throw .wrongUsage("standard input is not sent along with a job; name files that the master sees")
        }
        for name in options.inputLists {
            var status = stat()
            let isThere = FileBytes.withPath(RawArguments.bytes(of: name), { stat($0, &status) }) == 0
            // Whoever waits for a writer holds all others up. What is not there is told of later.
            guard !isThere || status.st_mode & S_IFMT == S_IFREG else {
                throw .wrongUsage(
                    "--inputs-from '\(name)' is no file; the master opens it, so name a file that it sees")
            }
        }
    }

    /// Nothing of anybody's is touched before the first part is ready; what an interrupted job of another master has left there
    /// is no queue's to go on with.
    private static func checkUnused(_ request: JobRequest, _ claim: OutputClaim) throws {
        if request.restarts {
            try JobPlace.forget(request, claim)
        } else if JobJournal.exists(in: claim) {
            throw ProgramFailure.wrongUsage(
                "output '\(DisplayName.of(claim.path))' holds an interrupted job; run its own command line to go on, add --restart to begin again from nothing, or choose another --output"
            )
        }
        try claim.checkMayBegin(overwrite: request.overwrite)
    }

    /// Names of applications that nobody who is there brings.
    private static func awaited(_ requests: [JobRequest], _ standing: () -> QueueStanding) -> [String] {
        let own = Set(requests.filter { !$0.isBuiltIn }.map(\.application))
        return own.isEmpty ? [] : own.subtracting(standing().applications).sorted()
    }

    /// Whoever has the folder may be a job of this very queue, which its user can look at.
    private static func claim(_ output: [UInt8], _ standing: () -> QueueStanding) throws -> OutputClaim {
        do throws(OutputError) {
            return try OutputClaim(output)
        } catch {
            guard case .inUse(let path) = error else { throw error }
            let holder = standing().open.filter { job in
                let details = job.value.details.flatMap(JobDetails.init)
                return details.map {
                    OutputClaim.areOne(lastOutput(of: $0, JobArguments.stepCount($0.arguments)), output)
                } ?? false
            }
            guard let id = holder.keys.min() else { throw error }
            throw ProgramFailure.wrongUsage(
                "\(id) of this queue writes to output '\(path)', and is not over; wait for it (mr-ctl wait \(id.number)) or choose another --output"
            )
        }
    }

    /// Two jobs that are not over have no output folder in common, and no merged file either.
    private static func checkOnlyMerge(_ merged: [UInt8], _ open: [JobID: JobTerms]) throws {
        let place = MergeFlag.place(of: merged)
        for (id, terms) in open.sorted(by: { $0.key < $1.key }) {
            guard let details = terms.details.flatMap(JobDetails.init), Self.mayMerge(details.arguments),
                let other = try Self.steps(of: details.arguments)[0].merge.map(RawArguments.bytes)
            else { continue }
            let path = other.first == UInt8(ascii: "/") ? other : details.folder + [UInt8(ascii: "/")] + other
            guard MergeFlag.place(of: path) != place else {
                throw ProgramFailure.wrongUsage(
                    "--merge '\(DisplayName.of(merged))' is what \(id) writes, which is not over; name another file")
            }
        }
    }

    /// It takes a thousand times less than to read a command line.
    private static func mayMerge(_ arguments: [[UInt8]]) -> Bool {
        arguments.contains { $0.starts(with: Array("--merge".utf8)) }
    }

    private static func text(of plan: JobPlan, _ step: Int, _ stepCount: Int) -> String {
        let total = plan.files.reduce(0) { $0 + $1.byteCount }
        let place = stepCount > 1 ? " (step \(step + 1) of \(stepCount))" : ""
        return
            "\(plan.application.name)\(place) over \(SizeText.of(total)), \(plan.splits.count) map and \(plan.isMapOnly ? 0 : plan.reduceCount) reduce tasks"
    }

    // MARK: Where steps write

    private static let stepPrefix = ".mr-step-"

    /// Of all steps but the last.
    private static func stepFolder(_ step: Int, in final: [UInt8]) -> [UInt8] {
        final + Array("/\(stepPrefix)\(step + 1)".utf8)
    }

    private static func output(of plan: JobPlan, _ final: OutputClaim, step: Int = 0, isLast: Bool) throws
        -> OutputFolder
    {
        let claim = try isLast ? final : OutputClaim(stepFolder(step, in: final.path))
        do throws(OutputError) {
            return try OutputFolder(claim, marker: MasterRecord.randomHex(), compression: plan.forms.compression)
        } catch {
            if !isLast { claim.abandon() }
            throw error
        }
    }

    /// The folder that the last step writes to.
    private static func lastOutput(of details: JobDetails, _ stepCount: Int) -> [UInt8] {
        guard details.step + 1 < stepCount else { return details.output }
        return Array(details.output[..<(details.output.lastIndex(of: UInt8(ascii: "/")) ?? 0)])
    }

    /// Deletes what steps have made for each other.
    static func tidyUp(_ terms: JobTerms) {
        guard let details = terms.details.flatMap(JobDetails.init) else { return }
        let stepCount = JobArguments.stepCount(details.arguments)
        let final = lastOutput(of: details, stepCount)
        for step in 0..<(stepCount - 1) { OutputClaim.removeFolder(stepFolder(step, in: final)) }
    }

    // MARK: The steps after it

    /// Merges the parts of the last step, tidies up after the step before, and begins the next one.
    func follow(_ job: ServedJob, _ terms: JobTerms, _ outcome: JobOutcome) throws -> SubmittedJob? {
        guard let details = terms.details.flatMap(JobDetails.init) else { return nil }
        let steps = try Self.steps(of: details.arguments)
        guard steps.count > 1 || steps[0].merge != nil else {
            say("\(job.id): \(Self.text(of: outcome))")
            return nil
        }
        return try FolderThread.run(in: details.folder) {
            let request = try Self.request(ofFirst: steps[0], in: details.folder)
            if details.step > 0 { OutputClaim.removeFolder(Self.stepFolder(details.step - 1, in: request.output)) }
            say("\(job.id): \(Self.text(of: outcome))")
            guard outcome == .succeeded else { return nil }
            guard details.step + 1 < steps.count else {
                if let merged = request.merged {
                    try MergeFlag.merge(job.plan, of: request.output, into: merged, canComeLater: false)
                }
                return nil
            }
            return try next(after: job, details, terms, steps, final: job.reserved ?? claim(request.output))
        }
    }

    /// Where all steps' output goes, as it was checked when they were submitted.
    private static func request(ofFirst options: MasterOptions, in folder: [UInt8]) throws -> JobRequest {
        var options = options
        (options.inputs, options.inputLists, options.overwrite) = ([], [], true)
        return try JobRequest(options, in: folder)
    }

    private static func text(of outcome: JobOutcome) -> String {
        switch outcome {
        case .succeeded: "done"
        case .failed(let failure): "failed: \(NoticeText.shown(failure.reason))"
        case .cancelled(let reason): NoticeText.shown(reason)
        }
    }

    private func next(
        after job: ServedJob, _ details: JobDetails, _ terms: JobTerms, _ steps: [MasterOptions], final: OutputClaim
    ) throws -> SubmittedJob {
        let step = details.step + 1
        let request = try JobRequest(steps[step], in: details.folder)
        let parts = OutputFolder.partPaths(of: job.plan, in: job.outputPath)
        let input = try InputScanner.scan(parts, .init(mayBeEmpty: true))
        let id = numbers()
        let plan = try JobPlanning(request: request, files: input.files, id: id).plan()
        let isLast = step + 1 == steps.count
        let output = try Self.output(of: plan, final, step: step, isLast: isLast)
        let ownDetails = JobDetails(
            output: output.absolutePath, marker: output.marker, step: step, folder: details.folder,
            arguments: details.arguments)
        say("\(id): \(Self.text(of: plan, step, steps.count)), after \(job.id)")
        return SubmittedJob(
            ServedJob(plan: plan, output: output, reserving: isLast ? nil : final),
            JobTerms(
                submitter: terms.submitter, priority: terms.priority, isPaused: false, expectsSuccessor: !isLast,
                follows: job.id, details: ownDetails.bytes))
    }
}
