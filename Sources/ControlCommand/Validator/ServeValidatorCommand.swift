import ArgumentParser
import CommandSupport
import LocalMachine
import Logging
import XMLRPC
import XMLRPCTransport

struct ServeValidatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve-validator",
        abstract: "Serves the methods that other XML-RPC clients are tried with, until it is interrupted.",
        discussion: """
            They are those of validator1, the examples of the same time, and test.echo, test.fail and test.void; \
            system.listMethods names them all. Nobody is asked for credentials.
            """)

    @Option(
        help: ArgumentHelp(
            "Where to listen: a loopback address; port 0 lets the system choose.", valueName: "host:port"))
    var listen = "127.0.0.1:0"

    /// How long calls that are being answered may take when the server is to end.
    private static let grace: Duration = .seconds(2)

    func run() async throws {
        let address = try Self.parsed(listen)
        let (ends, interruption) = AsyncStream.makeStream(of: Void.self)
        let signals = SignalWatch { _ in interruption.finish() }
        let threads = TransportThreads(eventLoopCount: 2, blockingThreadCount: 1)
        let server = try await Self.start(at: address, threads)
        try StandardOutput.deliver("listening on \(HostPort(host: address.host, port: server.port))\n")
        for await _ in ends {}
        await server.shutdown(grace: Self.grace)
        try await threads.shutdown()
        withExtendedLifetime(signals) {}
    }

    /// - Throws: Wrong usage.
    static func parsed(_ text: String) throws(ProgramFailure) -> HostPort {
        let shown = DisplayName.of(RawArguments.bytes(of: text))
        guard let address = HostPort(text, defaultHost: "127.0.0.1") else {
            throw .wrongUsage("--listen '\(shown)' is not HOST:PORT; write it like 127.0.0.1:8080")
        }
        guard Loopback.contains(address.host) else {
            throw .wrongUsage(
                "--listen '\(shown)' is an address that others reach, and nobody is asked for credentials; "
                    + "name 127.0.0.1 or ::1")
        }
        return address
    }

    private static func start(at address: HostPort, _ threads: TransportThreads) async throws -> HTTPServer {
        let logger = Logger(label: ControlMain.programName) { _ in
            LineLog(program: ControlMain.programName, level: .warning)
        }
        do {
            return try await HTTPServer.start(
                HTTPServerConfiguration(host: address.host, port: address.port),
                methods: MethodTable(Validator.methods),
                threads: threads, logger: logger)
        } catch let error as BindError {
            try await threads.shutdown()
            throw ProgramFailure.jobFailed(error.description)
        }
    }
}
