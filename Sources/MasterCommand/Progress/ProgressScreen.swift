import CommandSupport
import Coordinator
import Glibc
import LocalMachine
import Master
import Model
import Synchronization

/// Shows how the job goes on standard error: a live view on a terminal, plain lines elsewhere.
final class ProgressScreen: Sendable {
    private let isTerminal = isatty(2) == 1
    private let namesJobs: Bool
    private let start = ContinuousClock.now
    private let state = Mutex(State())

    private struct State {
        var service: MasterService?
        var drawnLineCount = 0
        var lastEvent = ""
        var refresher: Task<Void, Never>?
        var hasEnded = false
        var workerLines = WorkerLines()
        var limiter = LineLimiter(linesPerSecondMax: ProgressScreen.noticesPerSecondMax)
    }

    /// Peers cause notices, and must not be able to flood the screen.
    private static let noticesPerSecondMax = 200

    private static let refreshInterval: Duration = .milliseconds(100)

    /// - Parameter namesJobs: Whether the master serves several jobs.
    init(namesJobs: Bool = false) { self.namesJobs = namesJobs }

    var elapsed: Duration { ContinuousClock.now - start }

    /// - Parameters:
    ///   - heading: What is served.
    ///   - application: What workers must bring.
    ///   - draws: Whether there is one job to be watched.
    func begin(
        service: MasterService, request: JobRequest, heading: String, _ application: String, draws: Bool = true
    ) {
        line("mr-master: \(heading); \(service.encrypts ? "TLS on, " : "")listening on \(service.address)")
        let invitation = Invitation(service: service, request: request, application: application, shows: isTerminal)
        for text in invitation.lines { line("mr-master: \(text)") }
        guard isTerminal, draws else { return state.withLock { $0.service = service } }
        let refresher = Task { [weak self] in
            while !Task.isCancelled {
                self?.draw()
                // Cancelled at the end; then the loop ends.
                try? await Task.sleep(for: Self.refreshInterval)
            }
        }
        state.withLock { state in
            state.service = service
            state.refresher = refresher
        }
    }

    /// Any thread. On a terminal only the last one stays in view, so that a long job doesn't scroll away.
    @Sendable
    func show(_ notice: Notice) {
        let text = namesJobs ? NoticeText.withJob(notice) : NoticeText.of(notice)
        if isTerminal { state.withLock { $0.lastEvent = text } }
        guard !isTerminal || Self.isWorthKeeping(notice) else { return }
        switch state.withLock({ $0.workerLines.admit(notice, at: elapsed) }) {
        case .shown: break
        case .firstLeftOut(let worker):
            return line("mr-master: worker \(NoticeText.shown(worker)) is the cause of more lines, which are left out")
        case .leftOut: return
        }
        let (isShown, leftOutCount) = state.withLock { $0.limiter.admit(at: elapsed) }
        if leftOutCount > 0 { line("mr-master: \(leftOutCount) more messages were left out") }
        if isShown { line("mr-master: " + text) }
    }

    private static func isWorthKeeping(_ notice: Notice) -> Bool {
        switch notice {
        case .computation(let notice): notice.isTrouble
        case .workerLost, .leaseExpired, .attemptLost, .attemptFailed, .mapOutputLost, .masterStalled, .needsFullWorker,
            .backupStarted, .workerDrains, .workerExcluded, .workerRests, .workerRefuses, .lastWorkerKept,
            .handOverAsked:
            true
        case .workerJoined, .workerLeft, .workerReturned, .staleCompletion, .mapsCompleted, .masterRestarted,
            .rivalCancelled:
            false
        }
    }

    /// Writes a line above the live view.
    @Sendable
    func line(_ text: String) {
        state.withLock { state in
            Self.erase(&state)
            LineLog.toStandardError(text)
        }
    }

    func end() {
        state.withLock { state in
            state.hasEnded = true
            state.refresher?.cancel()
            Self.erase(&state)
        }
    }

    private func draw() {
        guard let service = state.withLock({ $0.service }), let status = service.status else { return }
        let width = Self.terminalWidth
        state.withLock { state in
            guard !state.hasEnded else { return }
            let picture = ProgressPicture(
                status: status, elapsed: elapsed, lastEvent: state.lastEvent, width: width - 1)
            Self.erase(&state)
            LineLog.toStandardError(picture.lines.joined(separator: "\n"))
            state.drawnLineCount = picture.lines.count
        }
    }

    private static func erase(_ state: inout State) {
        guard state.drawnLineCount > 0 else { return }
        // Up to the first line of the view, and clear from there to the end of the screen.
        let sequence = Array("\u{1B}[\(state.drawnLineCount)A\r\u{1B}[J".utf8)
        _ = sequence.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
        state.drawnLineCount = 0
    }

    private static var terminalWidth: Int {
        var size = winsize()
        guard ioctl(2, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 20 else { return 80 }
        return Int(size.ws_col)
    }
}
