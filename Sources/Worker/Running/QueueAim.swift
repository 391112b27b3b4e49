/// How many map attempts should wait behind those that run, so that a worker with short tasks need not ask for each.
///
/// A worker whose tasks take long has no queue: what it holds must not wait while others are idle.
struct QueueAim {
    /// How long the queue of one slot should last.
    static let length: Duration = .milliseconds(60)
    static let countMax = 256
    /// Attempts that wait for longer go back: a task turned out to be long.
    static let waitMax: Duration = .milliseconds(300)

    private let slots: Int
    /// Running mean of how long attempts take; nil before the first one ended.
    private var mean: Duration?
    /// The queue doubles with each poll and does not start with all that one short task would allow.
    private var ceiling = 1

    init(slots: Int) { self.slots = slots }

    mutating func note(_ duration: Duration) {
        guard let mean else {
            self.mean = duration
            return
        }
        self.mean = mean + (duration - mean) / 8
    }

    /// - Parameter longestRunning: How long the oldest attempt that runs has been running.
    func count(longestRunning: Duration) -> Int {
        guard let mean else { return 0 }
        let expected = max(mean, longestRunning, .microseconds(1))
        return min(slots * Int(Self.length / expected), ceiling, Self.countMax)
    }

    mutating func grow() { ceiling = min(2 * ceiling, Self.countMax) }
    mutating func shrink() { ceiling = 1 }
}
