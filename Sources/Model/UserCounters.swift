/// What a job's own application counts, and under which names; ``TaskCounters`` is what the framework counts.
///
/// What one attempt counted is at most ``countMax`` names, each once, in order.
package struct UserCounters: Hashable, Sendable {
    package private(set) var counts: [UserCounter]
    /// Whether there were more names than may be: what was counted under those is nowhere.
    package let isCut: Bool

    /// The most names that an attempt, and a job, may count under.
    package static let countMax = 120

    /// - Parameter counts: At most ``countMax``; those of one name are added up, as far as 64 bits go.
    package init(_ counts: [UserCounter] = [], isCut: Bool = false) {
        self.isCut = isCut
        self.counts = []
        guard !counts.isEmpty else { return }
        self.counts.reserveCapacity(counts.count)
        for count in counts.sorted(by: { $0.name < $1.name }) {
            guard let last = self.counts.last, last.name == count.name else {
                self.counts.append(count)
                continue
            }
            let sum = Int128(last.value) + Int128(count.value)
            self.counts[self.counts.count - 1] = UserCounter(name: last.name, value: Int64(clamping: sum))
        }
    }

    package var isEmpty: Bool { counts.isEmpty && !isCut }
}

package struct UserCounter: Hashable, Sendable {
    package let name: CounterName
    package let value: Int64

    package init(name: CounterName, value: Int64) {
        self.name = name
        self.value = value
    }
}

/// A group, and a name within it, as with Hadoop: any bytes, because programs write what they like.
package struct CounterName: Hashable, Comparable, Sendable {
    package let group: [UInt8]
    package let name: [UInt8]

    /// Of the group, and of the name.
    package static let byteCountMax = 128

    package init(group: [UInt8], name: [UInt8]) {
        self.group = group
        self.name = name
    }

    /// By group, then by name, as bytes.
    package static func < (left: CounterName, right: CounterName) -> Bool {
        left.group == right.group
            ? left.name.lexicographicallyPrecedes(right.name) : left.group.lexicographicallyPrecedes(right.group)
    }
}
