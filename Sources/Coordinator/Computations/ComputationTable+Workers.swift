import Center
import DataProtocol
import Model

// Data workers come and go, and with them what they hold.

extension ComputationTable {
    mutating func register(
        _ profile: CenterProfile, _ objects: [HeldObject], _ terms: ComputationTerms
    ) -> ComputationReply {
        // Another process at the same address: the one before it is gone.
        if center.workers[profile.address] != nil { lose(profile.address, reason: "it was started again", terms) }
        do throws(CenterError) {
            _ = try center.register(profile, at: CenterTime(terms.now.sinceStart))
        } catch {
            return .refused(reason: "\(error)")
        }
        loads[profile.address] = WorkerLoad()
        let reply = add(objects, at: profile.address, terms)
        guard reply == .done else {
            lose(profile.address, reason: "what it holds was refused", terms)
            return reply
        }
        effects.append(
            .notice(.computation(.workerJoined(address: profile.address, coreCount: profile.coreCount))))
        return reply
    }

    mutating func sayGoodbye(to address: String, _ terms: ComputationTerms) {
        guard center.workers[address] != nil else { return }
        let lost = takeOut(address, isBlamed: false, reason: "it has left", terms)
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
        let new = objects.filter { !isHeld($0.key) }
        do throws(CenterError) {
            try center.add(objects.map { (key: $0.key, byteCount: $0.byteCount) }, at: address)
        } catch {
            return .refused(reason: "\(error)")
        }
        for key in Set(new.map(\.key)).sorted() { becomeHeld(key) }
        // What another worker was to make is there, whoever has brought it.
        for object in objects where records[object.key]?.isOver == false { conclude(object.key, .completed) }
        settling += objects.map(\.key)
        return .done
    }

    mutating func remove(
        _ keys: [ObjectKey], at address: String, _ terms: ComputationTerms
    ) -> ComputationReply {
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
