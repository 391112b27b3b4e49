import NIOCore

/// Lets through a few log lines of one kind per second and counts the others. Pure: time is an argument.
struct LineAllowance: Hashable, Sendable {
    static let lineCountMax = 5
    static let windowLength = TimeAmount.seconds(1)

    enum Decision: Hashable, Sendable {
        case write
        /// With the first that is withheld: when the count is to be taken with `takeWithheld`.
        case withhold(summaryAt: NIODeadline?)
    }

    private var windowEnds: NIODeadline?
    private var writtenCount = 0
    private var withheldCount = 0

    mutating func decide(now: NIODeadline) -> Decision {
        if let windowEnds, now < windowEnds {
            writtenCount += 1
        } else {
            windowEnds = now + Self.windowLength
            writtenCount = 1
        }
        if writtenCount <= Self.lineCountMax { return .write }
        withheldCount += 1
        return .withhold(summaryAt: withheldCount == 1 ? windowEnds : nil)
    }

    /// How many lines have been withheld since this was asked last.
    mutating func takeWithheld() -> Int {
        defer { withheldCount = 0 }
        return withheldCount
    }
}
