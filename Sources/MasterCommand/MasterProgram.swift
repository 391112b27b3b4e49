import ApplicationAPI
import Applications
import CommandSupport
import Coordinator
import LocalMachine
import Master
import Model

/// `mr-master` from its checked command line to its exit code.
struct MasterProgram {
    private let request: JobRequest
    private let prints: Bool
    private let environment: [String: String]

    init(_ options: MasterOptions) throws(ProgramFailure) {
        request = try JobRequest(options)
        prints = options.json
        environment = ProgramEnvironment.all
    }

    func run() async throws {
        let interruption = Interruption()
        let watch = SignalWatch { interruption.come($0) }
        defer { withExtendedLifetime(watch) {} }
        let input = try Refusal.asUsage { () throws(PlanError) in
            try InputScanner.scan(request.inputs, request.inputManner)
        }
        let files = input.files
        try MergeFlag.checkInputsSurvive(files, request.merged)
        if try MergeFlag.completes(request, files) {
            return ProgressScreen().line("mr-master: the job was done before; now its parts are merged")
        }
        try request.listen.check(localWorkerCount: request.localWorkerCount)
        let launch = try MasterLaunch(request, environment: environment)
        let place = try JobPlace(request) { () throws(PlanError) in
            try JobPlanning(request: request, files: files).plan()
        }
        let screen = ProgressScreen()
        let service = try await start(place, launch, screen: screen)
        interruption.handle { service.interrupt(reason: $0) }
        for note in input.notes { screen.line("mr-master: \(note)") }
        screen.begin(
            service: service, request: request, heading: Self.heading(of: place.plan), place.plan.application.name)
        if let earlier = place.journal?.earlier?.status { screen.line("mr-master: \(Self.resuming(earlier))") }
        let end = await service.run()
        screen.end()
        try conclude(end, plan: place.plan, service: service, elapsed: screen.elapsed)
    }

    private static func heading(of plan: JobPlan) -> String {
        let total = plan.files.reduce(0) { $0 + $1.byteCount }
        return
            "\(plan.application.name) over \(SizeText.of(total)) in \(plan.files.count) file\(plan.files.count == 1 ? "" : "s"): \(plan.splits.count) map and \(plan.isMapOnly ? 0 : plan.reduceCount) reduce tasks"
    }

    private func start(
        _ place: JobPlace, _ launch: MasterLaunch, screen: ProgressScreen
    ) async throws -> MasterService {
        do {
            let job = SubmittedJob(ServedJob(plan: place.plan, output: place.output))
            return try await launch.start(MasterOpening(job), journal: place.journal, screen: screen) { configuration in
                configuration.applications = [place.plan.application.name]
                if !place.plan.allowsSimpleWorkers { configuration.standbyWorker = nil }
            }
        } catch {
            place.abandon()
            throw error
        }
    }

    static func resuming(_ status: JobStatus) -> String {
        let maps = "\(status.maps.completed) of \(status.maps.total) map tasks"
        guard status.reduces.completed > 0 else { return "resuming: \(maps) were done" }
        return "resuming: \(maps) and \(status.reduces.completed) of \(status.reduces.total) reduce tasks were done"
    }

    private func conclude(
        _ end: MasterEnd, plan: JobPlan, service: MasterService, elapsed: Duration
    ) throws(ProgramFailure) {
        try EndReport(
            end: end, plan: plan, service: service, elapsed: elapsed, output: request.output,
            printsJSON: prints
        ).deliver()
        if let merged = request.merged { try MergeFlag.merge(plan, of: request.output, into: merged) }
    }
}

/// Errors of planning, told as wrong usage: no task has run.
enum Refusal {
    static func asUsage<Value, Problem: Error>(
        _ body: () throws(Problem) -> Value
    ) throws(ProgramFailure) -> Value {
        do { return try body() } catch { throw .wrongUsage("\(error)") }
    }
}
