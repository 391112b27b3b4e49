import CommandSupport
import Glibc
import Launchers
import LocalMachine
import Logging
import Synchronization

/// `mr-worker --supervise`: a process that does nothing but run the worker, and start it again when it dies.
///
/// A worker that ends as it should ends it too: the job is over, wrong usage, an interruption.
final class Supervisor: Sendable {
    private let arguments: [[UInt8]]
    private let logger: Logger
    private let process: SupervisedProcess
    private let drains: Bool
    /// The newest signal that asked it to end; 0 before.
    private let askedBy = Atomic<CInt>(0)
    /// Holds what tells the master that one worker comes in the place of another. Programs of tasks don't find it in their
    /// environment.
    static let keyVariable = "MR_SUPERVISOR_KEY"

    /// Who lives for so long is well: what comes then is no row of quick ends.
    private static let wellAfter: Duration = .seconds(60)
    private static let pauseMin: Duration = .milliseconds(500)
    private static let pauseMax: Duration = .seconds(30)
    /// Quick ends in a row with an exit code before it is given up: what a program says of itself, it would say again.
    private static let quickExitsMax = 3

    /// - Parameter arguments: Of the command line, as bytes, without the program's name.
    init(_ options: WorkerOptions, _ arguments: [[UInt8]]) throws(ProgramFailure) {
        guard options.join != "-" else {
            throw .wrongUsage(
                "--supervise does not go with --join -: a line is read once; name a file with it in $MR_JOIN_FILE")
        }
        // What is wrong with the rest is said before anything is started.
        drains = try WorkerRun(options).drains
        self.arguments = arguments.filter { $0 != Array("--supervise".utf8) } + [Array("--until-end-of-input".utf8)]
        let level: Logger.Level = options.quiet ? .warning : .info
        logger = Logger(label: "mr-worker") { _ in LineLog(program: ProgramEnvironment.programName, level: level) }
        guard let program = ProgramEnvironment.pathOfProgram else {
            throw .wrongUsage("--supervise needs /proc, which says where this program is")
        }
        process = SupervisedProcess(program: program)
    }

    func run() async throws -> Int32 {
        let watch = SignalWatch(handling: { [self] name in
            let number = name == "SIGTERM" ? SIGTERM : SIGINT
            askedBy.store(number, ordering: .sequentiallyConsistent)
            process.signal(number)
            // A worker that drains is told of the next one, too.
            return true
        })
        defer { withExtendedLifetime(watch) {} }
        // Not an argument, which everybody on the machine may read.
        setenv(Self.keyVariable, MasterRecord.randomHex(), 1)
        var (restarts, quickEnds, quickExits) = (0, 0, 0)
        var last = ""
        while true {
            let (began, killsBefore) = (ContinuousClock.now, Self.memoryKillCount)
            let end = try await process.run(arguments + Self.history(restarts, last))
            if let signal { return code(of: end, askedBy: signal) }
            let isQuick = began.duration(to: .now) < Self.wellAfter
            switch end {
            case .exited(let code) where [0, 64, SignalWatch.exitCode].contains(code): return code
            case .exited(let code):
                quickExits = isQuick ? quickExits + 1 : 0
                last = "ended with exit code \(code)"
                guard quickExits < Self.quickExitsMax else {
                    logger.error("the worker \(last), \(quickExits) times in a row, and is given up")
                    return code
                }
            case .killed(let signal):
                quickExits = 0
                let isForMemory = signal == SIGKILL && Self.memoryKillCount > killsBefore
                last =
                    "was killed by signal \(signal)"
                    + (isForMemory ? ", it seems for want of memory: the kernel has just killed for that" : "")
            }
            quickEnds = isQuick ? quickEnds + 1 : 0
            let pause = min(Self.pauseMin * (1 << min(quickEnds, 10)), Self.pauseMax)
            restarts += 1
            logger.warning("the worker \(last); it is started again")
            guard await waits(pause) else {
                // Nothing runs that would have to be drained.
                return drains && signal == SIGTERM ? 0 : SignalWatch.exitCode
            }
        }
    }

    private var signal: CInt? {
        let number = askedBy.load(ordering: .sequentiallyConsistent)
        return number == 0 ? nil : number
    }

    /// - Returns: False when it is to stop meanwhile.
    private func waits(_ pause: Duration) async -> Bool {
        let end = ContinuousClock.now + pause
        while ContinuousClock.now < end {
            if signal != nil { return false }
            // Cut short only when the whole process is going down.
            try? await Task.sleep(for: .milliseconds(50))
        }
        return true
    }

    /// What the worker tells its master of the ones before it.
    private static func history(_ restarts: Int, _ last: String) -> [[UInt8]] {
        guard restarts > 0 else { return [] }
        return ["--restarts", "\(restarts)", "--last-end", last].map { Array($0.utf8) }
    }

    private func code(of end: SupervisedProcess.End, askedBy signal: CInt) -> Int32 {
        switch end {
        case .exited(let code): code
        // It had not yet begun to watch for signals, and so had nothing to drain.
        case .killed(SIGTERM) where drains && signal == SIGTERM: 0
        case .killed: SignalWatch.exitCode
        }
    }

    /// Processes of this machine that the kernel has killed for want of memory, since it began.
    private static var memoryKillCount: Int {
        let lines = SmallFile.read("/proc/vmstat", byteCountMax: 65_536) ?? []
        let name = Array("oom_kill ".utf8)
        let line = lines.split(separator: UInt8(ascii: "\n")).first { $0.starts(with: name) }
        return line.flatMap { Int(String(decoding: $0.dropFirst(name.count), as: UTF8.self)) } ?? 0
    }
}
