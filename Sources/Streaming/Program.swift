import ApplicationAPI
import Glibc
import Processes

/// One run of a user's program: bytes go to its standard input, what it writes is handed on, and its end is judged.
///
/// All of it happens in the thread that calls: the pipes do not block, and whoever must wait for one takes care of the
/// others meanwhile, so a program may write as much as it likes before it reads, read nothing, or close what it likes.
/// When the value goes before ``finish(_:)`` has returned, the program and all that it started are killed.
final class Program {
    private let command: ProgramCommand
    private let checkCancelled: () throws -> Void
    private let pipes: ProgramPipes
    private let process: ProgramProcess
    private let received = ReceivedBytes()
    private let errors: ErrorStream
    private var silence: Silence

    /// How long a cancelled attempt may go unnoticed while its program neither reads nor writes.
    private static let checkInterval: CInt = 100
    /// How long its end may go unnoticed where there is no sign of it.
    private static let checkIntervalWithoutSign: CInt = 5
    private static let writeByteCountMax = 256 << 10
    /// Reads of standard error before the other pipes are looked after: some programs never stop complaining.
    private static let errorReadsMax = 16

    /// Starts the program.
    ///
    /// - Parameters:
    ///   - command: A program with its arguments, or any shell command line.
    ///   - folder: Where it runs, if that folder is there; else where this process runs.
    ///   - environment: What it finds beside this process's own variables, or in place of some.
    ///   - silenceMax: How long it may neither take input nor write anything while this process waits for it.
    ///   - limits: What it may take, with all that it starts.
    ///   - log: Gets what it writes to standard error, but for what it reports there.
    ///   - report: Gets that.
    ///   - checkCancelled: Throws when the program's work is no longer wanted.
    init(
        _ command: ProgramCommand, folder: [UInt8]?, environment: [String: [UInt8]], silenceMax: Duration? = nil,
        limits: ProgramLimits = .none, log: (any ProgramLog)? = nil,
        report: @escaping (ReporterLine) -> Void = { _ in }, checkCancelled: @escaping () throws -> Void
    ) throws {
        self.command = command
        self.checkCancelled = checkCancelled
        silence = Silence(max: silenceMax)
        errors = ErrorStream(log: log, report: report)
        // A program need not read what it is given: that is seen by EPIPE, and must not end this process.
        BrokenPipes.ignoreInThisThread()
        pipes = try ProgramPipes()
        process = try ProgramProcess(command, folder: folder, environment: environment, limits: limits, pipes: pipes)
    }

    deinit { process.killGroup() }

    /// Writes all of `bytes`, unless the program reads no more. Hands on what the program wrote meanwhile.
    /// - Throws: ``ProgramError`` as soon as it is known that the program failed.
    func write(_ bytes: Bytes, _ take: ProgramOutput) throws {
        // Whatever passed since the last call is the task's time, not the program's.
        silence.end()
        var rest = bytes
        while !rest.isEmpty && pipes.input.isOpen {
            let count = Glibc.write(pipes.input.descriptor, rest.baseAddress, min(rest.count, Self.writeByteCountMax))
            if count >= 0 {
                rest = Bytes(rebasing: rest[count...])
            } else if errno == EAGAIN {
                try wait(take)
            } else if errno != EINTR {
                // EPIPE: it has read what it wants. Whether it may is what its exit code says.
                pipes.input.close()
            }
        }
        try readOutput(take)
        if let status = process.status { try judge(status) }
    }

    /// Ends the program's input, and waits until it has ended and nothing that it started holds its output any more.
    /// - Throws: ``ProgramError`` unless it ended with exit code 0.
    func finish(_ take: ProgramOutput) throws {
        pipes.input.close()
        silence.end()
        while pipes.output.isOpen || process.status == nil {
            try wait(take)
            if let status = process.status { try judge(status) }
        }
        process.killGroup()
        // Its last words, now that nobody is left who could add to them.
        readErrors()
        errors.end()
        if let status = process.status { try judge(status) }
    }

    /// Waits until something can be read or written, or the program has ended; reads what there is.
    private func wait(_ take: ProgramOutput) throws {
        try checkCancelled()
        let hadEnded = process.status != nil
        let milliseconds = process.end >= 0 ? Self.checkInterval : Self.checkIntervalWithoutSign
        let ready = pipes.poll(watchingEnd: hadEnded ? -1 : process.end, milliseconds: milliseconds)
        if ready == .nothing {
            try endIfHung(after: .milliseconds(milliseconds))
        } else {
            silence.end()
        }
        if ready.contains(.output) { try readOutput(take) }
        if ready.contains(.errors) { readErrors() }
        // What it left running may read on, but nobody waits for that.
        if process.status != nil { pipes.input.close() }
    }

    /// - Throws: ``ProgramError/silent(command:for:errorTail:)`` once it was silent for too long; it is killed then.
    private func endIfHung(after waited: Duration) throws {
        silence.grow(by: waited)
        guard let limit = silence.limitReached else { return }
        process.killGroup()
        readErrors()
        errors.end()
        throw ProgramError.silent(command: command.text, for: limit, errorTail: errors.lastLines)
    }

    private func readOutput(_ take: ProgramOutput) throws {
        while pipes.output.isOpen {
            let count = try received.read(from: pipes.output.descriptor)
            if count > 0 {
                try received.give(isEnd: false, to: take)
                try checkCancelled()
            } else if count == 0 {
                pipes.output.close()
                try received.give(isEnd: true, to: take)
            } else if errno == EAGAIN {
                return
            } else if errno != EINTR {
                throw ProgramError.unreadable(command: command.text, errorNumber: errno)
            }
        }
    }

    private func readErrors() {
        for _ in 0..<Self.errorReadsMax where pipes.errors.isOpen {
            let count = errors.read(from: pipes.errors.descriptor)
            if count > 0 || (count < 0 && errno == EINTR) { continue }
            if count < 0 && errno == EAGAIN { return }
            pipes.errors.close()
        }
    }

    private func judge(_ status: ProgramStatus) throws {
        guard status != .exited(0) else { return }
        readErrors()
        errors.end()
        process.killGroup()
        throw ProgramError.ended(
            command: command.text, status, errorTail: errors.lastLines, limit: process.limitReached)
    }
}

enum BrokenPipes {
    /// A write to a pipe that nobody reads gives EPIPE, and nothing else happens.
    static func ignoreInThisThread() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}
