/// How long to wait before the next try: full jitter under a limit that doubles.
struct Backoff {
    private let base: Duration
    private let cap: Duration
    private var limit: Duration

    init(base: Duration = .milliseconds(50), cap: Duration = .seconds(5)) {
        self.base = base
        self.cap = cap
        limit = base
    }

    /// Many workers that lose one master at the same moment come back spread out, and none waits for ever.
    mutating func next(using random: inout some RandomNumberGenerator) -> Duration {
        let share = Double.random(in: 0.1...1, using: &random)
        defer { limit = min(limit * 2, cap) }
        return limit * share
    }

    mutating func reset() { limit = base }
}
