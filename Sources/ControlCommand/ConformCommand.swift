import ArgumentParser
import CommandSupport
import Conformance
import Glibc
import LocalMachine
import XMLRPCTransport

struct ConformCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "conform",
        abstract: "Tries a worker, in any language, and says what is wrong with it.",
        discussion: """
            mr-ctl conform -- python3 worker.py {join}

            Each case starts a master of its own, and the command with {join} replaced by its join line, or {master} by its HOST:PORT, \
            which a worker of the same user may use with what stands in $MR_STATE_DIR; $MR_JOIN_FILE names a file with the line too. Between the \
            two goes wrong what goes wrong in real life. docs/worker-protocol.md says what a worker has to do.
            Exit codes: 0 all that was tried has passed; 64 wrong usage; 1 anything else.
            """)

    @Option(help: ArgumentHelp("Try this case; may be repeated. (default: all)", valueName: "case"))
    var only: [String] = []

    @Flag(help: "List the cases, and try nothing.")
    var list = false

    @Option(help: ArgumentHelp("For each case.", valueName: "seconds"))
    var timeout = "60"

    @Option(
        help: ArgumentHelp("The master program. (default: mr-master beside this program)", valueName: "path"))
    var masterProgram: String?

    @Argument(parsing: .postTerminator, help: "The worker's command line, after --.")
    var command: [String] = []

    private static let secondsMax = 3_600

    func run() async throws {
        let cases = try Self.chosen(only)
        if list { return try StandardOutput.deliver(Self.listing(cases)) }
        let options = try options()
        let threads = TransportThreads(eventLoopCount: 1, blockingThreadCount: 1)
        let trial = Task { try await Self.run(cases, options, threads) }
        let signals = SignalWatch { _ in trial.cancel() }
        defer { withExtendedLifetime(signals) {} }
        let failedCount: Int
        do {
            failedCount = try await trial.value
        } catch is CancellationError {
            throw ProgramFailure(exitCode: SignalWatch.exitCode, message: "interrupted")
        } catch let failure as ProgramFailure {
            throw failure
        } catch {
            throw ProgramFailure.jobFailed("\(error)")
        }
        try await threads.shutdown()
        if failedCount > 0 { throw ExitCode(1) }
    }

    /// - Returns: How many have failed.
    private static func run(
        _ cases: [String], _ options: ConformanceOptions, _ threads: TransportThreads
    ) async throws -> Int {
        let conformance = Conformance(options, threads: threads)
        conformance.sweep()
        var (passed, failed, notTried) = (0, 0, 0)
        for name in cases {
            switch try await conformance.verdict(of: name) {
            case .passed:
                passed += 1
                try StandardOutput.deliver("ok      \(name)\n")
            case .failed(let text):
                failed += 1
                try StandardOutput.deliver("FAILED  \(name): \(TerminalText.line(text))\n")
            case .notTried(let reason):
                notTried += 1
                try StandardOutput.deliver("-       \(name): not tried: \(reason)\n")
            }
        }
        let rest = notTried > 0 ? ", \(notTried) not tried" : ""
        try StandardOutput.deliver("\(passed) passed, \(failed) failed\(rest)\n")
        return failed
    }

    private static func chosen(_ names: [String]) throws(ProgramFailure) -> [String] {
        let all = Conformance.cases.map(\.name)
        for name in names where !all.contains(name) {
            throw .wrongUsage(
                "--only '\(DisplayName.of(RawArguments.bytes(of: name)))' is no case; they are \(all.joined(separator: ", "))"
            )
        }
        return names.isEmpty ? all : all.filter(names.contains)
    }

    private static func listing(_ names: [String]) -> String {
        let width = (names.map(\.count).max() ?? 0) + 2
        return Conformance.cases.filter { names.contains($0.name) }.map { item in
            item.name + String(repeating: " ", count: width - item.name.count) + item.summary + "\n"
        }.joined()
    }

    private func options() throws(ProgramFailure) -> ConformanceOptions {
        guard !command.isEmpty else {
            throw .wrongUsage(
                "the worker's command line is missing; write it after --, as in: mr-ctl conform -- mr-worker --join {join}"
            )
        }
        guard let seconds = Int(timeout), (1...Self.secondsMax).contains(seconds) else {
            throw .wrongUsage("--timeout '\(timeout)' is not a whole number of seconds from 1 to \(Self.secondsMax)")
        }
        let master = masterProgram ?? ProgramEnvironment.folderOfProgram + "/mr-master"
        guard access(master, X_OK) == 0 else {
            throw .wrongUsage(
                "--master-program '\(master)' can't be run: \(String(cString: strerror(errno))); name mr-master")
        }
        return ConformanceOptions(
            command: command.map(RawArguments.bytes), masterProgram: master, timeout: .seconds(seconds),
            environment: ProgramEnvironment.all, temporaryFolder: ProgramEnvironment.temporaryFolder)
    }
}
