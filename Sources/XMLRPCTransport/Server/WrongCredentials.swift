import NIOCore

/// Counts the wrong credentials that each address shows, and says how each of them is answered. Pure: time is an argument.
///
///     the first countMax of an address in a window    401 after a delay, for delayedMax of them at a time
///     those after them, until the window ends         429 at once: to hold them up would take places and stop nobody
///
/// Right ones are not asked about here, whoever sends them: behind one address there may be many, most of them honest.
struct WrongCredentials: Sendable {
    struct Limits: Hashable, Sendable {
        /// Of one address in one window.
        let countMax: Int
        /// From the first wrong ones of an address on.
        let window: TimeAmount
        /// Answers of one address that wait at a time.
        let delayedMax: Int
        /// Those whose window began first are forgotten.
        let addressesMax: Int
    }

    enum Answer: Hashable, Sendable {
        /// 401, later; `delayEnded` gives its place back.
        case delayed
        /// 429, now.
        ///
        /// - Parameter excess: With the first that are too many.
        case tooMany(retryAfter: TimeAmount, excess: Excess?)
    }

    /// What the owner of a server should know.
    struct Excess: Hashable, Sendable {
        let count: Int
        let since: TimeAmount
    }

    private struct Window: Sendable {
        let begin: NIODeadline
        var count = 0
    }

    let limits: Limits
    private var windows: [PeerAddress: Window] = [:]
    /// Those of `windows`, each once: all windows have one length, and so they end in this order.
    private var order = CircularBuffer<PeerAddress>()
    /// Answers that wait. None is kept at 0, and each belongs to a connection.
    private var delayed: [PeerAddress: Int] = [:]

    init(limits: Limits) {
        self.limits = limits
    }

    var addressCount: Int { windows.count }
    var delayedCount: Int { delayed.values.reduce(0, +) }

    /// - Parameter address: nil for what has none, which is delayed and not counted.
    mutating func note(from address: PeerAddress?, now: NIODeadline) -> Answer {
        forgetEnded(now: now)
        guard let address else { return .delayed }
        let window = count(address, now: now)
        let since = now - window.begin
        if window.count <= limits.countMax, beginDelay(address) { return .delayed }
        let isFirstExcess = window.count == limits.countMax + 1
        return .tooMany(
            retryAfter: limits.window - since,
            excess: isFirstExcess ? Excess(count: window.count, since: since) : nil)
    }

    /// Of an answer that was delayed, also when nobody waits for it any more.
    mutating func delayEnded(of address: PeerAddress?) {
        guard let address else { return }
        let left = delayed[address, default: 0] - 1
        precondition(left >= 0, "a delay ended twice")
        delayed[address] = left == 0 ? nil : left
    }

    private mutating func forgetEnded(now: NIODeadline) {
        while let oldest = order.first, let window = windows[oldest], now - window.begin >= limits.window {
            forgetOldest()
        }
    }

    private mutating func forgetOldest() {
        if let oldest = order.popFirst() { windows[oldest] = nil }
    }

    private mutating func count(_ address: PeerAddress, now: NIODeadline) -> Window {
        if windows[address] == nil {
            if windows.count >= limits.addressesMax { forgetOldest() }
            order.append(address)
        }
        var window = windows[address] ?? Window(begin: now)
        window.count += 1
        windows[address] = window
        return window
    }

    /// - Returns: Whether there was a place for it.
    private mutating func beginDelay(_ address: PeerAddress) -> Bool {
        guard delayed[address, default: 0] < limits.delayedMax else { return false }
        delayed[address, default: 0] += 1
        return true
    }
}

extension WrongCredentials.Limits {
    static let addressesMax = 10_000

    init(configuration: HTTPServerConfiguration) {
        self.init(
            countMax: configuration.wrongCredentialsMax,
            window: TimeAmount(configuration.wrongCredentialsWindow),
            delayedMax: configuration.wrongCredentialsDelayedMax, addressesMax: Self.addressesMax)
    }
}
