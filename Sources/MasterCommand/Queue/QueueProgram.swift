import CommandSupport
import Coordinator
import LocalMachine
import Master
import Model

/// `mr-master --serve` from its checked command line to its exit code.
struct QueueProgram {
    private let request: JobRequest
    private let state: [UInt8]
    private let environment: [String: String]

    init(_ options: MasterOptions) throws(ProgramFailure) {
        try JobArguments.checkServes(options)
        request = try JobRequest(options)
        state = RawArguments.bytes(of: options.state)
        environment = ProgramEnvironment.all
    }

    func run() async throws {
        let interruption = Interruption()
        let watch = SignalWatch { interruption.come($0) }
        defer { withExtendedLifetime(watch) {} }
        try request.listen.check(localWorkerCount: request.localWorkerCount)
        let launch = try MasterLaunch(request, environment: environment)
        let journal = try Self.journal(request, state)
        let screen = ProgressScreen(namesJobs: true)
        let service = try await start(launch, journal, screen)
        interruption.handle { service.interrupt(reason: $0) }
        screen.begin(
            service: service, request: request, heading: Self.heading(journal?.earlier), "streaming", draws: false)
        let end = await service.run()
        screen.end()
        try Self.conclude(end, keeps: journal != nil)
    }

    /// Whoever calls this keeps nothing of the jobs: who holds one holds its folder.
    private func start(
        _ launch: MasterLaunch, _ journal: JobJournal?, _ screen: ProgressScreen
    ) async throws -> MasterService {
        let numbers = JobNumbers(after: journal?.earlier?.jobNumberMax ?? 0)
        let preparation = JobPreparation(numbers: numbers.next) { screen.line("mr-master: \($0)") }
        do {
            return try await launch.start(Self.opening(journal?.earlier), journal: journal, screen: screen) {
                configuration in
                configuration.policy.servesQueue = true
                configuration.followUp = preparation.follow
                configuration.tidyUp = JobPreparation.tidyUp
                configuration.prepare = {
                    try preparation.begin($0, as: numbers.next(), servesQueue: true, standing: $1)
                }
            }
        } catch {
            journal?.close()
            throw error
        }
    }

    private static func opening(_ earlier: EarlierJob?) -> MasterOpening {
        guard let earlier else { return .queue }
        // A step may have been submitted when nobody had noted yet that the one before it is concluded: both have the folder of
        // the last one.
        var claims: [[UInt8]: OutputClaim] = [:]
        let restored = RestoredJobs(earlier.jobs) { path in
            let claim = try claims[path] ?? OutputClaim(path)
            claims[path] = claim
            return claim
        }
        return MasterOpening(resuming: restored.jobs, lost: restored.lost)
    }

    private static func journal(_ request: JobRequest, _ state: [UInt8]) throws(ProgramFailure) -> JobJournal? {
        guard request.keepsJournal else { return nil }
        guard !state.isEmpty else { throw .wrongUsage("--state is empty; name a folder") }
        let claim = try Refusal.asUsage { () throws(OutputError) in try OutputClaim(state) }
        if request.restarts {
            try checkMayForget(claim, state)
            try Refusal.asUsage { () throws(ResumeError) in try JobJournal.forget(in: claim) }
        }
        let journal = try Refusal.asUsage { () throws(ResumeError) in
            try JobJournal(in: claim, programVersion: ProgramVersion.current)
        }
        guard journal.earlier?.isQueue ?? true else {
            journal.close()
            throw noQueue(state, "name another folder with --state")
        }
        return journal
    }

    /// `--restart` forgets a queue, and no job of a master of its own.
    private static func checkMayForget(_ claim: OutputClaim, _ state: [UInt8]) throws(ProgramFailure) {
        guard JobJournal.kind(in: claim, programVersion: ProgramVersion.current) == .job else { return }
        throw noQueue(
            state,
            "--restart of a queue does not forget that; name another folder with --state, or run the job's own command line to go on with it"
        )
    }

    private static func noQueue(_ state: [UInt8], _ remedy: String) -> ProgramFailure {
        .wrongUsage("'\(DisplayName.of(state))' holds an interrupted job, and no queue; \(remedy)")
    }

    private static func heading(_ earlier: EarlierJob?) -> String {
        guard let open = earlier?.jobs.count(where: { $0.status.outcome == nil }), open > 0 else {
            return "serving a queue of jobs, which mr-ctl submit brings"
        }
        return "serving a queue, in which \(open) job\(open == 1 ? " goes" : "s go") on"
    }

    private static func conclude(_ end: MasterEnd, keeps: Bool) throws(ProgramFailure) {
        switch end {
        case .interrupted(let reason):
            let fate = keeps ? "; the same command line goes on with the queue" : ""
            throw ProgramFailure(
                exitCode: SignalWatch.exitCode, message: "interrupted by \(reason); workers were told to stop\(fate)")
        case .journalFailed(let reason), .stuck(let reason):
            throw .jobFailed("\(reason); what was done until then is kept")
        case .over: break
        }
    }
}
