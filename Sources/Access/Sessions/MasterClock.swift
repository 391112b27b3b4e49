/// The clock that tickets end by. A holder learns it when it registers, and goes on by a clock of its own that nobody
/// sets: so two machines whose dates differ agree on it all the same.
package struct MasterClock: Sendable {
    private let start: ContinuousClock.Instant
    private let startSeconds: Int64

    /// - Parameter seconds: What the master's clock shows now.
    package init(seconds: Int64, at now: ContinuousClock.Instant) {
        start = now
        startSeconds = seconds
    }

    package func seconds(at now: ContinuousClock.Instant) -> Int64 {
        startSeconds + (now - start).components.seconds
    }
}
