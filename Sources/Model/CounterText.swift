/// What an application counts, in columns for people.
package enum CounterText {
    /// A heading and a line for each counter; nothing where there is none.
    package static func lines(of counters: [(label: String, count: Int64)], isCut: Bool) -> [String] {
        guard !counters.isEmpty || isCut else { return [] }
        var lines = ["counters"]
        for counter in counters { lines.append("  \(padded(counter.count))  \(counter.label)") }
        if isCut {
            lines.append(
                "  there were more than \(UserCounters.countMax) counters; what came under other names is not counted")
        }
        return lines
    }

    package static func label(group: String, name: String) -> String { "\(group): \(name)" }

    /// A number at the right of its column.
    package static func padded(_ count: Int64) -> String {
        let digits = String(count)
        return String(repeating: " ", count: max(0, 10 - digits.count)) + digits
    }
}
