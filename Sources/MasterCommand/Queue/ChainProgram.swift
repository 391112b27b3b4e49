import CommandSupport
import Coordinator
import LocalMachine
import Master
import Model

/// `mr-master ... --then ...`: jobs that follow each other, served by one master, from their command line to its exit code.
struct ChainProgram {
    private let request: JobRequest
    private let stepCount: Int
    private let prints: Bool
    private let arguments: [[UInt8]]
    private let environment: [String: String]

    /// - Parameter raw: The whole command line.
    init(_ arguments: JobArguments, raw: [[UInt8]]) throws(ProgramFailure) {
        var first = arguments.steps[0]
        // What goes on may have merged its parts before it was killed.
        if OutputClaim.holdsJournal(RawArguments.bytes(of: first.output)) { first.overwrite = true }
        request = try JobRequest(first)
        // What is wrong with a later step is said before the first one runs.
        for step in arguments.steps.dropFirst() { _ = try JobRequest(step) }
        stepCount = arguments.steps.count
        prints = arguments.steps[0].json
        self.arguments = raw
        environment = ProgramEnvironment.all
    }

    func run() async throws {
        let interruption = Interruption()
        let watch = SignalWatch { interruption.come($0) }
        defer { withExtendedLifetime(watch) {} }
        try request.listen.check(localWorkerCount: request.localWorkerCount)
        let launch = try MasterLaunch(request, environment: environment)
        guard let folder = ProgramEnvironment.currentFolder else {
            throw ProgramFailure.wrongUsage("the folder that this was started in is gone; change to another one")
        }
        let claim = try Refusal.asUsage { () throws(OutputError) in try OutputClaim(request.output) }
        let screen = ProgressScreen(namesJobs: true)
        let submission = JobSubmission(arguments: arguments, folder: folder, submitter: "local")
        var journal: JobJournal?
        let opening: MasterOpening
        let preparation: JobPreparation
        do {
            journal = try JobPlace.journal(request, claim)
            let numbers = JobNumbers(after: journal?.earlier?.jobNumberMax ?? 0)
            preparation = JobPreparation(
                numbers: numbers.next,
                // The last step writes where the journal lies.
                claim: { claim.isFolder($0) ? claim : try OutputClaim($0) },
                say: { screen.line("mr-master: \($0)") })
            if let earlier = journal?.earlier {
                opening = try Self.goOn(with: earlier, submission, claim)
            } else {
                opening = MasterOpening(
                    try preparation.begin(submission, as: numbers.next(), servesQueue: false, in: claim))
            }
        } catch {
            // Only an empty one stays, which the next start takes for none.
            if journal?.earlier == nil { try? journal?.remove() } else { journal?.close() }
            claim.abandon()
            throw error as? ProgramFailure ?? ProgramFailure.wrongUsage("\(error)")
        }
        let service: MasterService
        do {
            service = try await launch.start(opening, journal: journal, screen: screen) { configuration in
                configuration.followUp = preparation.follow
                configuration.tidyUp = JobPreparation.tidyUp
            }
        } catch {
            if journal?.earlier == nil {
                // As above.
                try? journal?.remove()
                for job in opening.jobs { job.output?.abandon() }
                claim.abandon()
            } else {
                journal?.close()
            }
            throw error
        }
        interruption.handle { service.interrupt(reason: $0) }
        screen.begin(service: service, request: request, heading: "\(stepCount) steps", "streaming")
        if let earlier = journal?.earlier?.status { screen.line("mr-master: \(MasterProgram.resuming(earlier))") }
        let end = await service.run()
        screen.end()
        if case .stuck = end { claim.abandon() }
        try conclude(end, service: service, elapsed: screen.elapsed)
    }

    private static func goOn(
        with earlier: EarlierJob, _ submission: JobSubmission, _ claim: OutputClaim
    ) throws -> MasterOpening {
        let first = earlier.jobs.first?.terms.details.flatMap(JobDetails.init)
        guard !earlier.isOneJob, let first, first.arguments == submission.arguments, first.folder == submission.folder
        else {
            throw ProgramFailure.wrongUsage(
                "output '\(DisplayName.of(claim.path))' holds an interrupted job of another command line; run that one to go on, add --restart to begin again from nothing, or choose another --output"
            )
        }
        let restored = RestoredJobs(earlier.jobs) { path in
            // The last step writes where the journal lies.
            claim.isFolder(path) ? claim : try OutputClaim(path)
        }
        return MasterOpening(resuming: restored.jobs, lost: restored.lost)
    }

    private func conclude(_ end: MasterEnd, service: MasterService, elapsed: Duration) throws(ProgramFailure) {
        guard let job = service.job else { throw .jobFailed("no step has begun") }
        try EndReport(
            end: end, plan: job.plan, service: service, elapsed: elapsed, output: request.output,
            stepCount: stepCount, printsJSON: prints
        ).deliver()
    }
}
