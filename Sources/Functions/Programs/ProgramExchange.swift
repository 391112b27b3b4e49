import Glibc
import Processes

/// A program that runs: it gets bytes on standard input, and what it writes to standard output is its answer.
///
/// All of a call happens in the thread that calls. The pipes do not block, so a program may answer before it has read, read
/// nothing, and complain as much as it likes. The program's end ends its answer: what it left running is killed.
final class ProgramExchange {
    private let settings: ProgramSettings
    private var cancellation: FunctionCancellation?
    private let pipes: ExchangePipes
    private let process: ExchangeProcess
    private var answer: [UInt8] = []
    private var errorLines = ErrorLines()
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)

    enum Trouble: Error {
        case cancelled
        case failure(ProgramFailure, errorLines: [String])
    }

    /// How long a cancelled call may go unnoticed while its program neither reads nor writes.
    private static let checkMilliseconds: CInt = 50
    /// How long its end may go unnoticed where there is no sign of it.
    private static let checkMillisecondsWithoutSign: CInt = 5
    /// Reads of standard error before the other pipes are looked after: some programs never stop complaining.
    private static let errorReadsMax = 16

    /// Runs a program to its end.
    ///
    /// - Parameter words: The program and its arguments.
    /// - Returns: All that it wrote to standard output, and the last lines of its standard error.
    static func run(
        _ words: [[UInt8]], input: [UInt8], environment: [String: [UInt8]], settings: ProgramSettings,
        cancellation: FunctionCancellation?
    ) throws(Trouble) -> (answer: [UInt8], errorLines: [String]) {
        if cancellation?.isCancelled == true { throw .cancelled }
        let exchange: ProgramExchange
        do {
            exchange = try ProgramExchange(words, environment: environment, settings: settings)
        } catch {
            throw .failure(error, errorLines: [])
        }
        exchange.cancellation = cancellation
        return try exchange.run(ExchangeProcess.startLine + input)
    }

    /// - Parameter words: The program and its arguments. It begins when it gets ``ExchangeProcess/startLine``.
    init(
        _ words: [[UInt8]], environment: [String: [UInt8]], settings: ProgramSettings
    ) throws(ProgramFailure) {
        self.settings = settings
        // A program need not read what it is given: that is seen by EPIPE, and must not end this process.
        Self.ignoreBrokenPipes()
        do {
            pipes = try ExchangePipes()
        } catch {
            throw .ended(.notStarted(reason: "\(error)"), limit: nil)
        }
        process = try ExchangeProcess(
            words, environment: environment, folder: settings.folder, limits: settings.limits, streams: pipes.streams)
        pipes.closeProgramEnds()
    }

    private static func ignoreBrokenPipes() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    /// Sends it one call more, of a program that answers several, each with a ``RunnerAnswer``.
    ///
    /// - Returns: A document, or no bytes where the program ended without one.
    func answer(
        to call: [UInt8], cancellation: FunctionCancellation?
    ) throws(Trouble) -> (answer: [UInt8], errorLines: [String], stays: Bool) {
        if cancellation?.isCancelled == true { throw .cancelled }
        self.cancellation = cancellation
        // What it wrote since the last call is no part of this one.
        readErrors()
        (answer, errorLines) = ([], ErrorLines())
        var whole: RunnerAnswer?
        try exchange(call, closesInput: false) { () throws(Trouble) in
            whole = RunnerAnswer(self.answer)
            guard whole?.byteCount ?? 0 <= settings.answerByteCountMax else {
                throw failure(.answerTooLong(byteCountMax: settings.answerByteCountMax))
            }
            return whole?.isWhole == true && whole?.stays == true
        }
        if let whole, whole.isWhole, whole.stays {
            readErrors()
            return (whole.document, errorLines.shown, true)
        }
        let (bytes, errorLines) = try ended()
        let last = RunnerAnswer(bytes)
        return (last?.isWhole == true ? last?.document ?? [] : [], errorLines, false)
    }

    /// Whether it can be sent a call.
    var isRunning: Bool { process.status == nil }

    /// It gets no call more, and should end; with this value it is killed.
    func closeInput() { pipes.closeInput() }

    private func run(_ input: [UInt8]) throws(Trouble) -> (answer: [UInt8], errorLines: [String]) {
        try exchange(input, closesInput: true) { () throws(Trouble) in false }
        return try ended()
    }

    /// Writes and reads until the program has ended, or `isAnswered`.
    private func exchange(
        _ input: [UInt8], closesInput: Bool, isAnswered: () throws(Trouble) -> Bool
    ) throws(Trouble) {
        let deadline = ContinuousClock.now + settings.timeMax
        let milliseconds = process.end >= 0 ? Self.checkMilliseconds : Self.checkMillisecondsWithoutSign
        var rest = input[...]
        while process.status == nil {
            if cancellation?.isCancelled == true { throw .cancelled }
            guard ContinuousClock.now < deadline else { throw failure(.tooSlow(timeMax: settings.timeMax)) }
            let ready = pipes.wait(
                writing: closesInput || !rest.isEmpty, watchingEnd: process.end, milliseconds: milliseconds)
            if ready.contains(.input) {
                write(&rest)
                if closesInput, rest.isEmpty { pipes.closeInput() }
            }
            if ready.contains(.errors) { readErrors() }
            if ready.contains(.output) {
                try readAnswer()
                if try isAnswered() { return }
            }
        }
    }

    /// What a program that has ended has answered.
    private func ended() throws(Trouble) -> (answer: [UInt8], errorLines: [String]) {
        process.killGroup()
        // Its last words, now that nobody is left who could add to them.
        try readAnswer()
        readErrors()
        if let status = process.status, status != .exited(0) {
            throw failure(.ended(status, limit: process.limitReached))
        }
        return (answer, errorLines.shown)
    }

    /// The failure with the program's last words. It is killed first.
    private func failure(_ failure: ProgramFailure) -> Trouble {
        process.killGroup()
        readErrors()
        return .failure(failure, errorLines: errorLines.shown)
    }

    private func write(_ rest: inout ArraySlice<UInt8>) {
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(pipes.input, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                return
            } else if errno != EINTR {
                // EPIPE: it has read what it wants. Whether it may is what its exit code says.
                rest = []
            }
        }
    }

    private func readAnswer() throws(Trouble) {
        while pipes.output >= 0 {
            let count = Glibc.read(pipes.output, &buffer, buffer.count)
            if count > 0 {
                guard answer.count + count <= settings.answerByteCountMax + RunnerAnswer.headerByteCountMax else {
                    throw failure(.answerTooLong(byteCountMax: settings.answerByteCountMax))
                }
                answer += buffer[..<count]
            } else if count == 0 {
                pipes.closeOutput()
            } else if errno == EAGAIN {
                return
            } else if errno != EINTR {
                throw failure(.unreadable(reason: String(cString: strerror(errno))))
            }
        }
    }

    private func readErrors() {
        for _ in 0..<Self.errorReadsMax where pipes.errors >= 0 {
            let count = Glibc.read(pipes.errors, &buffer, buffer.count)
            if count > 0 { errorLines.append(buffer[..<count]) }
            if count > 0 || (count < 0 && errno == EINTR) { continue }
            if count < 0, errno == EAGAIN { return }
            pipes.closeErrors()
        }
    }
}
