import CoreMetrics
import Synchronization

/// A counter and a timer for each method and outcome.
///
///     <prefix>_calls            counter
///     <prefix>_call_duration    timer
///
/// both with the dimensions `method` and `outcome`: "success", "fault", or, for a client, "error" when no answer came.
final class CallMeters: Sendable {
    enum Outcome: String, Hashable, Sendable {
        case success, fault, error
    }

    /// More methods than this are counted together: names may come from anywhere.
    static let methodCountMax = 1_000
    static let otherMethods = "other"

    private struct Key: Hashable {
        let method: String
        let outcome: Outcome
    }

    private struct Meters: Sendable {
        let count: Counter
        let duration: Timer
    }

    private let prefix: String
    private let factory: any MetricsFactory
    private let meters = Mutex<[Key: Meters]>([:])

    /// nil when no metrics are set up.
    init?(prefix: String) {
        let factory = MetricsSystem.factory
        if factory is NOOPMetricsHandler { return nil }
        self.prefix = prefix
        self.factory = factory
    }

    func record(_ method: String, _ outcome: Outcome, _ duration: Duration) {
        let meters = meters(Key(method: method, outcome: outcome))
        meters.count.increment()
        meters.duration.recordNanoseconds(Int64(duration / .nanoseconds(1)))
    }

    private func meters(_ key: Key) -> Meters {
        meters.withLock { meters in
            if let known = meters[key] { return known }
            let isFull = meters.count >= Self.methodCountMax
            let key = isFull ? Key(method: Self.otherMethods, outcome: key.outcome) : key
            if let known = meters[key] { return known }
            let dimensions = [("method", key.method), ("outcome", key.outcome.rawValue)]
            let new = Meters(
                count: Counter(label: "\(prefix)_calls", dimensions: dimensions, factory: factory),
                duration: Timer(label: "\(prefix)_call_duration", dimensions: dimensions, factory: factory))
            meters[key] = new
            return new
        }
    }
}
