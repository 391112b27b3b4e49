import Center
import DataProtocol
import Model

// Data workers come and go, and with them what they hold.

extension ComputationTable {
    mutating func register(
        _ profile: CenterProfile, _ objects: [HeldObject], _ terms: ComputationTerms
    ) -> ComputationReply {
        let address = profile.address
        if let known = center.workers[address]?.profile {
            // It tells once more, for example because the center was away.
            if !known.instance.isEmpty, known.instance == profile.instance {
                // It is registered.
                try? center.hear(from: address, at: CenterTime(terms.now.sinceStart))
                return takeBack(objects, at: address, terms)
            }
            // Another process at the same address: the one before it is gone.
            lose(address, reason: "it was started again", terms)
            absent[address] = nil
            owed[address] = nil
        }
        do throws(CenterError) {
            _ = try center.register(profile, at: CenterTime(terms.now.sinceStart))
        } catch {
            return .refused(reason: "\(error)")
        }
        loads[address] = WorkerLoad()
        effects.append(.notice(.computation(.workerJoined(address: address, coreCount: profile.coreCount))))
        absent[address] = nil
        return takeBack(objects, at: address, terms)
    }

    /// What was deleted or made anew while the worker was away is not what it has. It may tell what it has in several pages.
    private mutating func takeBack(
        _ objects: [HeldObject], at address: String, _ terms: ComputationTerms
    ) -> ComputationReply {
        let stale = owed[address] ?? []
        let reply = add(objects.filter { !stale.contains($0.key) }, at: address, terms)
        let outdated = objects.map(\.key).filter(stale.contains)
        switch reply {
        case .done: return outdated.isEmpty ? .done : .kept(refused: outdated)
        case .kept(let refused): return .kept(refused: refused + outdated)
        default: return reply
        }
    }

    mutating func sayGoodbye(to address: String, _ terms: ComputationTerms) {
        guard center.workers[address] != nil else { return }
        let lost = takeOut(address, isBlamed: false, reason: "it has left", terms)
        absent[address] = nil
        owed[address] = nil
        effects.append(.notice(.computation(.workerLeft(address: address, lostCount: lost))))
    }

    mutating func lose(_ address: String, reason: String, _ terms: ComputationTerms) {
        guard center.workers[address] != nil else { return }
        let lost = takeOut(address, isBlamed: true, reason: reason, terms)
        effects.append(.notice(.computation(.workerLost(address: address, reason: reason, lostCount: lost))))
    }

    /// - Returns: How many keys nobody holds any more.
    private mutating func takeOut(
        _ address: String, isBlamed: Bool, reason: String, _ terms: ComputationTerms
    ) -> Int {
        if let keys = center.workers[address]?.keys, !keys.isEmpty { remember(keys, of: address) }
        let lost = center.unregister(address)
        let load = loads.removeValue(forKey: address)
        for key in lost { becomeMissing(key, terms) }
        for key in inOrder(load.map { Set($0.attempts.keys) } ?? []) {
            if isBlamed {
                countLoss(of: key, "on worker \(address): \(reason)", terms)
            }
            if records[key]?.isOver == false { queue(key, isUrgent: true) }
        }
        return lost.count
    }

    /// Workers that are away and remembered with what they held.
    private static let absentMax = 1_000

    /// Of all of them.
    private static let absentKeysMax = 1_000_000

    private mutating func remember(_ keys: Set<ObjectKey>, of address: String) {
        absent[address, default: []].formUnion(keys)
        var keyCount = absent.values.reduce(0) { $0 + $1.count }
        // Which of them come back is not known: none is better than another.
        while absent.count > Self.absentMax || keyCount > Self.absentKeysMax, let first = absent.keys.min() {
            keyCount -= absent.removeValue(forKey: first)?.count ?? 0
            owed[first] = nil
        }
    }

    /// It is deleted, or will be something else: those who may come back with it must not bring it.
    mutating func outdate(_ key: ObjectKey) {
        for address in absent.keys where absent[address]?.contains(key) == true {
            absent[address]?.remove(key)
            owed[address, default: []].insert(key)
        }
    }

    mutating func loseSilent(_ terms: ComputationTerms) {
        guard terms.now >= terms.graceEnds else { return }
        let silent = center.workers.values.filter {
            terms.now.sinceStart - $0.lastHeard.sinceStart > terms.leaseLength
        }
        for address in silent.map(\.profile.address).sorted() {
            lose(address, reason: "nothing was heard of it for \(TimeText.of(terms.leaseLength))", terms)
        }
    }

    /// All connections are gone: each worker tells anew what it holds.
    mutating func restart(_ terms: ComputationTerms) {
        for address in center.workers.keys.sorted() {
            _ = takeOut(address, isBlamed: false, reason: "the center was started again", terms)
        }
        settle()
        effects = []
        changed = []
    }

    // MARK: Objects

    mutating func add(
        _ objects: [HeldObject], at address: String, _ terms: ComputationTerms
    ) -> ComputationReply {
        guard center.workers[address] != nil else { return .unknownWorker }
        var (kept, refused): ([HeldObject], [ObjectKey]) = ([], [])
        for object in objects {
            if isOther(object, at: address) { refused.append(object.key) } else { kept.append(object) }
        }
        let new = kept.filter { !isHeld($0.key) }
        do throws(CenterError) {
            try center.add(kept.map { (key: $0.key, byteCount: $0.byteCount) }, at: address)
        } catch {
            return .refused(reason: "\(error)")
        }
        for object in kept { if let digest = object.digest { digests[object.key] = digest } }
        for key in Set(new.map(\.key)).sorted() { becomeHeld(key) }
        // What another worker was to make is there, whoever has brought it.
        for object in kept where records[object.key]?.isOver == false { conclude(object.key, .completed) }
        settling += kept.map(\.key)
        if owed[address] != nil { owed[address]?.subtract(kept.map(\.key)) }
        return refused.isEmpty ? .done : .kept(refused: refused)
    }

    /// Whether others hold something else under that key.
    private func isOther(_ object: HeldObject, at address: String) -> Bool {
        guard let byteCount = center.byteCount(of: object.key), center.holders(of: object.key) != [address] else {
            return false
        }
        if byteCount != object.byteCount { return true }
        guard let known = digests[object.key], let digest = object.digest else { return false }
        return known != digest
    }

    mutating func remove(
        _ keys: [ObjectKey], at address: String, _ terms: ComputationTerms
    ) -> ComputationReply {
        owed[address]?.subtract(keys)
        do throws(CenterError) {
            for key in try center.remove(keys, at: address) { becomeMissing(key, terms) }
        } catch {
            return .unknownWorker
        }
        return .done
    }

    /// Nobody held it before.
    private mutating func becomeHeld(_ key: ObjectKey) {
        changed.insert(key)
        lostSince[key] = nil
        for dependent in inOrder(dependents[key] ?? []) {
            guard case .waiting(let missingCount) = records[dependent]?.phase else { continue }
            if missingCount > 1 {
                records[dependent]?.phase = .waiting(missingCount: missingCount - 1)
            } else {
                queue(dependent, isUrgent: false)
            }
        }
    }

    private mutating func becomeMissing(_ key: ObjectKey, _ terms: ComputationTerms) {
        digests[key] = nil
        for dependent in inOrder(dependents[key] ?? []) {
            switch records[dependent]?.phase {
            case .waiting(let missingCount): records[dependent]?.phase = .waiting(missingCount: missingCount + 1)
            case .ready, .resting: records[dependent]?.phase = .waiting(missingCount: 1)
            case .running, .completed, .failed, .cancelled, nil: break
            }
        }
        if openDependentCounts[key] != nil { miss(key, terms) }
    }

    /// Somebody needs it: it is waited for, or made again, unless that is under way.
    mutating func miss(_ key: ObjectKey, _ terms: ComputationTerms) {
        guard !isHeld(key), records[key]?.isOver != false, lostSince[key] == nil else { return }
        lostSince[key] = terms.now
    }
}
