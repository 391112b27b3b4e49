import ArgumentParser
import CommandSupport
import DataWorkers
import Glibc
import Identities
import LocalMachine
import Logging
import XMLRPCTransport

struct CenterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "center",
        abstract: "Runs a center, which knows which data worker holds what, until it is interrupted.",
        discussion: """
            Workers of this machine join it with mr-worker --center HOST:PORT. Where it listens at an address that other machines reach, it speaks TLS, and prints \
            the line that workers there join with. Programs of the same user find its secret, which is the workers' too, in the state folder; docs/data.md has the calls.
            """)

    @Option(
        help: ArgumentHelp(
            "Where to listen; port 0 lets the system choose, and :8787 is every address of this machine.",
            valueName: "host:port"))
    var listen = "127.0.0.1:8787"

    @Flag(help: "Let everybody in who can reach it: they may read and delete all data, and run programs.")
    var noAuth = false

    @Flag(
        name: .customLong("plain-http"),
        help: "With --no-auth: without TLS at an address that other machines reach; whoever is on the way reads along.")
    var plainHTTP = false

    func run() async throws {
        let (place, record) = try prepared()
        let directory = try StateDirectory.ofUser(environment: ProgramEnvironment.all)
        try directory.create()
        let threads = TransportThreads(eventLoopCount: 2, blockingThreadCount: 2)
        let logger = Logger(label: ControlMain.programName) { _ in
            LineLog(program: ControlMain.programName, level: .info)
        }
        let center: CenterService
        let journal: CenterJournal?
        do {
            journal = try place.listen.port > 0 ? Self.journal(at: place.listen, in: directory) : nil
        } catch let error as CenterJournalError {
            throw ProgramFailure.wrongUsage("\(error)")
        }
        if let earlier = journal?.earlier, earlier.computationCounts.known > 0 {
            say(
                "goes on with \(earlier.computationCounts.known) computations, \(earlier.computationCounts.open) of them not over, that an earlier center was given"
            )
        }
        do {
            center = try await CenterService.start(
                host: place.listen.host, port: place.listen.port, access: record.access, identity: record.identity,
                journal: journal, furtherMethods: record.methods, threads: threads, logger: logger)
        } catch let error as BindError {
            throw ProgramFailure.wrongUsage("\(error)")
        }
        try record.leave(port: center.port)
        let signals = SignalWatch { _ in center.stop() }
        invite(record)
        try StandardOutput.deliver("Start center at \(record.address)\n")
        let failure = Task {
            guard let reason = await journal?.failed() else { return String?.none }
            center.stop()
            return reason
        }
        let end = await center.run()
        failure.cancel()
        try record.remove()
        switch end {
        case .stopped: journal?.close()
        case .terminated: try journal?.remove()
        }
        if let reason = await failure.value { throw ProgramFailure.jobFailed(reason) }
        try await threads.shutdown()
        withExtendedLifetime(signals) {}
    }

    private static func journal(at place: HostPort, in directory: StateDirectory) throws -> CenterJournal {
        try CenterJournal(
            folder: directory.centerPath(host: place.host, port: place.port), policy: CenterService.policy(),
            programVersion: ProgramVersion.current)
    }

    private func prepared() throws(ProgramFailure) -> (DataPlace, CenterRecord) {
        do {
            let place = try DataPlace(
                listen, shown: DisplayName.of(RawArguments.bytes(of: listen)), of: "--listen", noAuth: noAuth,
                plainHTTP: plainHTTP)
            let directory = try StateDirectory.ofUser(environment: ProgramEnvironment.all)
            let host = place.listen.host
            let identity: ServerIdentity? =
                place.encrypts
                ? try .own(in: directory, names: ServerIdentity.names(listeningAt: host), clientAuthorities: nil) : nil
            let record = try CenterRecord(
                host: host, port: place.listen.port, requiresToken: !noAuth, identity: identity, in: directory)
            return (place, record)
        } catch {
            throw .wrongUsage("\(error)")
        }
    }

    /// Tells its user how workers join from other machines: where what is printed goes to a file, without the secret.
    private func invite(_ record: CenterRecord) {
        guard let line = record.joinLine else {
            if noAuth, plainHTTP {
                say(
                    "WARNING: --no-auth --plain-http: every machine that reaches \(record.address) may read and delete all data, run programs, and see what is sent"
                )
            }
            return
        }
        guard isatty(2) == 1 else {
            return say(
                "add workers, here or on other machines, with: mr-worker --center LINE, where LINE is in \(record.joinPath)"
            )
        }
        say("add workers, here or on other machines, with:")
        say("  mr-worker --center \(line.text)")
    }

    private func say(_ text: String) { LineLog.toStandardError("\(ControlMain.programName): \(text)") }
}
