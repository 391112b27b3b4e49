import ArgumentParser
import CommandSupport
import DataWorkers
import LocalMachine
import Logging
import XMLRPCTransport

struct CenterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "center",
        abstract: "Runs a center, which knows which data worker holds what, until it is interrupted.",
        discussion: """
            Workers join it with mr-worker --center HOST:PORT. Programs of the same user find its secret, which is the workers' too, in the state folder; \
            docs/data.md has the calls.
            """)

    @Option(
        help: ArgumentHelp("Where to listen; port 0 lets the system choose.", valueName: "host:port"))
    var listen = "127.0.0.1:8787"

    @Flag(help: "Let everybody in who can reach it: they may read and delete all data, and run programs.")
    var noAuth = false

    @Flag(
        name: .customLong("plain-http"),
        help: "With --no-auth: listen also at an address that other machines reach; whoever is on the way reads along.")
    var plainHTTP = false

    func run() async throws {
        let place: HostPort
        do {
            place = try DataPlace.checked(
                listen, shown: DisplayName.of(RawArguments.bytes(of: listen)), of: "--listen",
                isOpen: noAuth && plainHTTP)
        } catch {
            throw ProgramFailure.wrongUsage("\(error)")
        }
        let record = MasterRecord.random(withToken: !noAuth, processID: HostIdentity.processID)
        let directory = try StateDirectory.ofUser(environment: ProgramEnvironment.all)
        let threads = TransportThreads(eventLoopCount: 2, blockingThreadCount: 2)
        let logger = Logger(label: ControlMain.programName) { _ in
            LineLog(program: ControlMain.programName, level: .info)
        }
        let center: CenterService
        do {
            center = try await CenterService.start(
                host: place.host, port: place.port, access: DataAccess(token: record.token), threads: threads,
                logger: logger)
        } catch let error as BindError {
            throw ProgramFailure.wrongUsage("\(error)")
        }
        try record.write(in: directory, host: place.host, port: center.port)
        let signals = SignalWatch { _ in center.stop() }
        try StandardOutput.deliver("Start center at \(HostPort(host: place.host, port: center.port))\n")
        await center.run()
        try record.remove(in: directory, host: place.host, port: center.port)
        try await threads.shutdown()
        withExtendedLifetime(signals) {}
    }
}
