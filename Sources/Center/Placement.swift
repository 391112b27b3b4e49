package import DataProtocol

/// An object that is to be brought from one worker to another.
package struct Transfer: Hashable, Sendable {
    package let key: ObjectKey
    package let source: String
    package let destination: String
}

// Where objects should be. Nothing is changed here: workers tell of what they have got when they have it.

extension CenterTable {
    /// Which worker takes each of these new objects: the largest first, each to the worker with the fewest bytes by then.
    ///
    /// - Parameter candidates: Addresses; nil for all.
    /// - Throws: ``CenterError/noWorkers``, ``CenterError/unknownWorker(address:)``
    package func placement(
        of objects: [(key: ObjectKey, byteCount: Int64)], among candidates: [String]? = nil
    ) throws(CenterError) -> [ObjectKey: String] {
        var loads = try loads(of: candidates)
        var placement: [ObjectKey: String] = [:]
        let ordered = objects.sorted { ($1.byteCount, $0.key) < ($0.byteCount, $1.key) }
        for (key, byteCount) in ordered {
            guard let address = loads.lightest(except: []) else { throw .noWorkers }
            placement[key] = address
            loads.add(byteCount, to: address)
        }
        return placement
    }

    /// What is to be copied so that each of these keys has `count` holders, or as many as there are workers. Copies go to machines
    /// that have none, where there are such, and there to the worker with the fewest bytes. Keys that nobody holds are left out.
    package func replication(of keys: [ObjectKey], count: Int) -> [Transfer] {
        // Without workers nobody holds anything.
        guard var loads = try? loads(of: nil) else { return [] }
        var transfers: [Transfer] = []
        for key in Set(keys).sorted() {
            guard let byteCount = byteCount(of: key) else { continue }
            var holders = holders(of: key)
            let sources = holders
            while holders.count < count {
                let hosts = Set(holders.compactMap { workers[$0]?.profile.host }).subtracting([""])
                let sharing = workers.values.filter { hosts.contains($0.profile.host) }.map(\.profile.address)
                guard
                    let address = loads.lightest(except: Set(holders + sharing)) ?? loads.lightest(except: Set(holders))
                else { break }
                // Each holder sends its share.
                transfers.append(
                    Transfer(
                        key: key, source: sources[(holders.count - sources.count) % sources.count], destination: address
                    ))
                loads.add(byteCount, to: address)
                holders.append(address)
            }
        }
        return transfers
    }

    /// What is to be moved so that all workers hold about as many bytes: from the one that holds most to the one that holds fewest,
    /// the largest object that makes their difference smaller, and so on. Each copy of an object is moved once at most.
    package func rebalancing() -> [Transfer] {
        // Without workers there is nothing to move.
        guard var loads = try? loads(of: nil) else { return [] }
        var left = workers.mapValues { worker in
            worker.keys.map { (key: $0, byteCount: byteCount(of: $0) ?? 0) }
                .sorted { ($0.byteCount, $1.key) < ($1.byteCount, $0.key) }
        }
        var transfers: [Transfer] = []
        var exhausted: Set<String> = []
        var arriving: [ObjectKey: Set<String>] = [:]
        while let heaviest = loads.heaviest(except: exhausted), let lightest = loads.lightest(except: []),
            heaviest != lightest
        {
            let gap = loads.byteCount(of: heaviest) - loads.byteCount(of: lightest)
            let index = left[heaviest]?.lastIndex {
                // A move of the whole gap would only change their roles.
                $0.byteCount > 0 && $0.byteCount < gap && !holders(of: $0.key).contains(lightest)
                    && arriving[$0.key]?.contains(lightest) != true
            }
            guard let index, let (key, byteCount) = left[heaviest]?.remove(at: index) else {
                exhausted.insert(heaviest)
                continue
            }
            transfers.append(Transfer(key: key, source: heaviest, destination: lightest))
            arriving[key, default: []].insert(lightest)
            loads.add(-byteCount, to: heaviest)
            loads.add(byteCount, to: lightest)
        }
        return transfers
    }

    private func loads(of candidates: [String]?) throws(CenterError) -> Loads {
        var loads = Loads()
        for address in candidates ?? Array(workers.keys) {
            guard let worker = workers[address] else { throw .unknownWorker(address: address) }
            loads.add(worker.byteCount, to: address)
        }
        return loads
    }
}

/// Bytes by worker. Equal ones are taken by address, so that everything here comes out the same each time.
private struct Loads {
    private var byteCounts: [String: Int64] = [:]

    mutating func add(_ byteCount: Int64, to address: String) { byteCounts[address, default: 0] += byteCount }

    func byteCount(of address: String) -> Int64 { byteCounts[address] ?? 0 }

    func lightest(except left: Set<String>) -> String? {
        byteCounts.lazy.filter { !left.contains($0.key) }.min { ($0.value, $0.key) < ($1.value, $1.key) }?.key
    }

    func heaviest(except left: Set<String>) -> String? {
        byteCounts.lazy.filter { !left.contains($0.key) }.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    }
}
