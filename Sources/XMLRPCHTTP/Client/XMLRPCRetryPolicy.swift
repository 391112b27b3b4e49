/// How often a call is tried, and how long is waited in between.
///
/// A call is repeated only where that is safe: when it can't have reached the server, or when its method is declared to be
/// idempotent. A fault is an answer, and never repeated.
///
/// The wait is anything between nothing and a bound that doubles with each attempt ("full jitter"), so that clients
/// that failed together don't come back together.
public struct XMLRPCRetryPolicy: Hashable, Sendable {
    /// 1 or more.
    public var attemptCountMax: Int
    /// The bound of the wait after the first attempt.
    public var delayFirst: Duration
    /// The bound of any wait.
    public var delayMax: Duration

    public init(
        attemptCountMax: Int = 4, delayFirst: Duration = .milliseconds(100), delayMax: Duration = .seconds(5)
    ) {
        precondition(attemptCountMax >= 1, "a call has at least one attempt")
        precondition(delayFirst >= .zero && delayMax >= .zero, "no wait is negative")
        self.attemptCountMax = attemptCountMax
        self.delayFirst = delayFirst
        self.delayMax = delayMax
    }

    /// One attempt only.
    public static let never = XMLRPCRetryPolicy(attemptCountMax: 1)

    /// - Parameter attemptCount: Made so far; 1 or more.
    /// - Returns: nil when there must be no other.
    func delay(
        afterAttempts attemptCount: Int, using random: inout some RandomNumberGenerator
    ) -> Duration? {
        guard attemptCount < attemptCountMax else { return nil }
        // 2^30 times any first wait worth the name is past any bound.
        let bound = min(delayFirst * (1 << min(attemptCount - 1, 30)), delayMax)
        return bound * Double.random(in: 0...1, using: &random)
    }
}
