package import DataProtocol

/// Who has what: the data workers of a center, and which of them hold which objects.
///
/// A value, without clock, randomness or I/O. Workers tell of what they hold after they hold it, and of what they have deleted
/// before anybody else hears of it, so what stands here may be out of date by what is on its way: whoever is sent to a holder in vain
/// asks again.
package struct CenterTable: Hashable, Sendable {
    package private(set) var workers: [String: CenterWorker] = [:]
    private var holdings: [ObjectKey: Holding] = [:]

    private struct Holding: Hashable, Sendable {
        var byteCount: Int64
        var holders: Set<String>
    }

    package static let workerCountMax = 10_000
    package static let keyCountMax = 1_000_000

    package init() {}

    package var keyCount: Int { holdings.count }

    // MARK: Workers

    /// Takes a worker in. One at an address that is known already is a new process there: what the one before it held is gone.
    ///
    /// - Returns: Keys that nobody holds any more.
    package mutating func register(_ profile: CenterProfile, at now: CenterTime) throws(CenterError) -> [ObjectKey] {
        guard workers[profile.address] != nil || workers.count < Self.workerCountMax else {
            throw .tooManyWorkers(countMax: Self.workerCountMax)
        }
        let lost = unregister(profile.address)
        workers[profile.address] = CenterWorker(profile: profile, lastHeard: now)
        return lost
    }

    /// - Returns: Keys that nobody holds any more, in their order.
    @discardableResult
    package mutating func unregister(_ address: String) -> [ObjectKey] {
        guard let worker = workers.removeValue(forKey: address) else { return [] }
        return worker.keys.filter { drop($0, from: address) }.sorted()
    }

    package mutating func hear(from address: String, at now: CenterTime) throws(CenterError) {
        guard let lastHeard = workers[address]?.lastHeard else { throw .unknownWorker(address: address) }
        workers[address]?.lastHeard = max(lastHeard, now)
    }

    /// Takes out workers that were not heard of for longer than `silenceMax`.
    ///
    /// - Returns: Each with the keys that nobody holds any more, by address.
    package mutating func expire(
        at now: CenterTime, silenceMax: Duration
    ) -> [(address: String, lost: [ObjectKey])] {
        let silent = workers.values.filter { now.sinceStart - $0.lastHeard.sinceStart > silenceMax }
        return silent.map(\.profile.address).sorted().map { ($0, unregister($0)) }
    }

    // MARK: Keys

    /// A worker holds these now.
    ///
    /// - Throws: And nothing has changed.
    package mutating func add(
        _ objects: [(key: ObjectKey, byteCount: Int64)], at address: String
    ) throws(CenterError) {
        guard workers[address] != nil else { throw .unknownWorker(address: address) }
        var newCount = 0
        for (key, byteCount) in objects {
            guard let holding = holdings[key] else {
                newCount += 1
                continue
            }
            // The only holder may say that it has another object there.
            guard holding.byteCount == byteCount || holding.holders == [address] else {
                throw .wrongSize(key, byteCount: byteCount, known: holding.byteCount)
            }
        }
        guard holdings.count + newCount <= Self.keyCountMax else { throw .tooManyKeys(countMax: Self.keyCountMax) }
        for (key, byteCount) in objects {
            if workers[address]?.keys.contains(key) == true { drop(key, from: address) }
            holdings[key, default: Holding(byteCount: byteCount, holders: [])].holders.insert(address)
            workers[address]?.keys.insert(key)
            workers[address]?.byteCount += byteCount
        }
    }

    /// A worker no longer holds these; what it never held is passed over.
    ///
    /// - Returns: Keys that nobody holds any more, in their order.
    @discardableResult
    package mutating func remove(
        _ keys: some Sequence<ObjectKey>, at address: String
    ) throws(CenterError) -> [ObjectKey] {
        guard workers[address] != nil else { throw .unknownWorker(address: address) }
        var lost: Set<ObjectKey> = []
        for key in keys where workers[address]?.keys.contains(key) == true && drop(key, from: address) {
            lost.insert(key)
        }
        return lost.sorted()
    }

    /// - Returns: Whether nobody holds it any more.
    @discardableResult
    private mutating func drop(_ key: ObjectKey, from address: String) -> Bool {
        guard let byteCount = holdings[key]?.byteCount else { return false }
        workers[address]?.keys.remove(key)
        workers[address]?.byteCount -= byteCount
        holdings[key]?.holders.remove(address)
        guard holdings[key]?.holders.isEmpty == true else { return false }
        holdings[key] = nil
        return true
    }

    // MARK: Questions

    /// Addresses of its holders, sorted; none for a key that nobody holds.
    package func holders(of key: ObjectKey) -> [String] { holdings[key]?.holders.sorted() ?? [] }

    package func byteCount(of key: ObjectKey) -> Int64? { holdings[key]?.byteCount }

    /// All keys that somebody holds, sorted.
    package var keys: [ObjectKey] { holdings.keys.sorted() }

    /// Whom to ask for an object, the best first: those on the same machine, then those that hold the fewest bytes, because others
    /// ask them for less.
    package func sources(of key: ObjectKey, for host: String) -> [String] {
        let holders = (holdings[key]?.holders ?? []).compactMap { workers[$0] }
        return holders.sorted { left, right in
            let (leftIsNear, rightIsNear) = (isNear(left, host), isNear(right, host))
            if leftIsNear != rightIsNear { return leftIsNear }
            return (left.byteCount, left.profile.address) < (right.byteCount, right.profile.address)
        }.map(\.profile.address)
    }

    private func isNear(_ worker: CenterWorker, _ host: String) -> Bool {
        !host.isEmpty && worker.profile.host == host
    }
}
