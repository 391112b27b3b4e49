import ApplicationAPI
import Model

/// The keys with the largest sums among those it is shown, in key order, but for keys that are too long to be reported.
struct TopKeys {
    /// Largest first; of equal ones the smaller key first.
    private(set) var keys: [KeyCount] = []

    /// - Parameter key: Greater than all keys before.
    @inline(__always)
    mutating func consider(_ key: Bytes, _ sum: Int64) {
        if keys.count == AttemptResult.topKeyCountMax, sum <= smallest { return }
        insert(key, sum)
    }

    private var smallest = Int64.min

    @inline(never)
    private mutating func insert(_ key: Bytes, _ sum: Int64) {
        guard key.count <= TaskLimits.topKeyByteCountMax else { return }
        let place = keys.firstIndex { $0.count < sum } ?? keys.count
        keys.insert(KeyCount(key: [UInt8](key), count: sum), at: place)
        if keys.count > AttemptResult.topKeyCountMax { keys.removeLast() }
        smallest = keys.last?.count ?? .min
    }
}
