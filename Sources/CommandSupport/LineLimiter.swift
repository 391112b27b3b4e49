/// Keeps a flood of lines off the screen: so many in each second, then one line that says how many were left out.
package struct LineLimiter: Sendable {
    private let linesPerSecondMax: Int
    private var second: Int64 = .min
    private var shownCount = 0
    private var leftOutCount = 0

    package init(linesPerSecondMax: Int) {
        precondition(linesPerSecondMax >= 1)
        self.linesPerSecondMax = linesPerSecondMax
    }

    /// - Parameter time: Since any fixed moment; never earlier than in the call before.
    /// - Returns: Whether the line may be shown, and how many before it were left out and not yet told of.
    package mutating func admit(at time: Duration) -> (isShown: Bool, leftOutCount: Int) {
        if time.components.seconds != second {
            second = time.components.seconds
            shownCount = 0
        }
        guard shownCount < linesPerSecondMax else {
            leftOutCount += 1
            return (false, 0)
        }
        shownCount += 1
        defer { leftOutCount = 0 }
        return (true, leftOutCount)
    }
}
