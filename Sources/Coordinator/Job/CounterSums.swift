import Model

/// Sums of what the completed attempts of a table counted. What was added can be taken out again, also where the sum of
/// 64-bit numbers needs more bits.
struct CounterSums: Equatable, Sendable {
    private struct Sum: Equatable {
        var total: Int128 = 0
        /// How many attempts it is of.
        var attemptCount = 0
    }

    private var sums: [CounterName: Sum] = [:]

    mutating func add(_ counters: UserCounters) {
        for counter in counters.counts {
            sums[counter.name, default: Sum()].total += Int128(counter.value)
            sums[counter.name, default: Sum()].attemptCount += 1
        }
    }

    mutating func add(_ others: CounterSums) {
        for (name, sum) in others.sums {
            sums[name, default: Sum()].total += sum.total
            sums[name, default: Sum()].attemptCount += sum.attemptCount
        }
    }

    mutating func remove(_ counters: UserCounters) {
        for counter in counters.counts {
            guard var sum = sums[counter.name] else {
                preconditionFailure("a counter was taken out of a sum that it is not in")
            }
            sum.total -= Int128(counter.value)
            sum.attemptCount -= 1
            sums[counter.name] = sum.attemptCount == 0 ? nil : sum
        }
    }

    /// As far as 64 bits go: what is beyond them is shown as the most or the least that they hold.
    var shown: [UserCounter] { sums.map { UserCounter(name: $0.key, value: Int64(clamping: $0.value.total)) } }
}
