import DataProtocol
import Model

// From one phase to the next.

extension ComputationTable {
    /// In the order of submission.
    func inOrder(_ keys: Set<ObjectKey>) -> [ObjectKey] {
        guard keys.count > 1 else { return Array(keys) }
        return keys.sorted { (records[$0]?.number ?? 0, $0) < (records[$1]?.number ?? 0, $1) }
    }

    /// It is to be made, and its inputs are needed. Before ``start(_:_:)``.
    mutating func open(_ key: ObjectKey) {
        guard let inputs = records[key]?.computation.inputs else { return }
        for input in inputs { openDependentCounts[input, default: 0] += 1 }
        let missingCount = inputs.count { !isHeld($0) }
        records[key]?.phase = .waiting(missingCount: missingCount)
    }

    mutating func start(_ key: ObjectKey, _ terms: ComputationTerms) {
        guard let record = records[key], case .waiting(let missingCount) = record.phase else { return }
        for input in record.computation.inputs {
            guard let reason = failure(of: input) else { continue }
            return fail(key, "it needs what can't be made: \(input) \(reason)", terms)
        }
        if missingCount == 0 { return queue(key, isUrgent: record.losses > 0) }
        for input in record.computation.inputs { miss(input, terms) }
    }

    private func failure(of key: ObjectKey) -> String? {
        switch records[key]?.phase {
        case .failed(let message): "has failed: \(message)"
        case .cancelled: "was cancelled"
        case .waiting, .ready, .running, .resting, .completed, nil: nil
        }
    }

    mutating func queue(_ key: ObjectKey, isUrgent: Bool) {
        guard let record = records[key] else { return }
        let missingCount = record.computation.inputs.count { !isHeld($0) }
        guard missingCount == 0 else {
            records[key]?.phase = .waiting(missingCount: missingCount)
            return
        }
        ticketNewest += 1
        records[key]?.phase = .ready(ticketNewest)
        let entry = WaitingLine<ObjectKey>.Entry(name: key, ticket: ticketNewest)
        if isUrgent { urgentLine.append(entry) } else { line.append(entry) }
    }

    // MARK: The end

    /// It is over: whoever runs it need not, and its inputs are needed by one less.
    mutating func conclude(_ key: ObjectKey, _ phase: ComputationRecord.Phase) {
        guard let record = records[key], !record.isOver else { return }
        // One that has reported has left.
        if case .running(_, let address, _) = record.phase, leave(key) != nil {
            effects.append(.computation(.cancel([key], address: address)))
        }
        resting[key] = nil
        records[key]?.phase = phase
        changed.insert(key)
        for input in record.computation.inputs {
            let count = (openDependentCounts[input] ?? 0) - 1
            openDependentCounts[input] = count > 0 ? count : nil
            if count <= 0 { lostSince[input] = nil }
        }
        settling += record.computation.inputs
    }

    /// It no longer runs where it ran.
    @discardableResult
    mutating func leave(_ key: ObjectKey) -> Int? {
        guard case .running(let number, let address, let cost) = records[key]?.phase,
            loads[address]?.attempts[key] == number
        else { return nil }
        loads[address]?.attempts[key] = nil
        loads[address]?.cost -= cost
        return number
    }

    /// With all that needs it.
    mutating func fail(_ key: ObjectKey, _ message: String, _ terms: ComputationTerms) {
        guard records[key]?.isOver == false else { return }
        let message = bounded(message, byteCountMax: terms.messageByteCountMax)
        conclude(key, .failed(message: message))
        failDependents(
            of: key, "\(key) has failed: \(bounded(message, byteCountMax: terms.causeByteCountMax))", terms)
    }

    /// - Parameter cause: The same for all of them, however far they are from it.
    private mutating func failDependents(of key: ObjectKey, _ cause: String, _ terms: ComputationTerms) {
        var failing = inOrder(dependents[key] ?? [])
        while let next = failing.popLast() {
            guard records[next]?.isOver == false else { continue }
            conclude(next, .failed(message: "it needs what can't be made: \(cause)"))
            failing += inOrder(dependents[next] ?? [])
        }
    }

    mutating func countLoss(of key: ObjectKey, _ reason: String, _ terms: ComputationTerms) {
        guard let losses = records[key]?.losses else { return }
        records[key]?.losses = losses + 1
        guard losses + 1 >= terms.lossesMax else { return }
        fail(key, "lost \(losses + 1) times (the limit), the last time \(reason)", terms)
    }

    /// - Returns: Whether it was not over.
    mutating func cancel(_ key: ObjectKey, _ terms: ComputationTerms) -> Bool {
        guard records[key]?.isOver == false else { return false }
        conclude(key, .cancelled)
        failDependents(of: key, "\(key) was cancelled", terms)
        return true
    }

    // MARK: Lost, and made again

    mutating func want(_ key: ObjectKey, _ terms: ComputationTerms) {
        guard case .completed = records[key]?.phase, !doomed.contains(key) else { return }
        miss(key, terms)
    }

    /// What is lost and needed is made again, where it is known how; the rest is waited for, and then given up.
    mutating func lookForLost(_ terms: ComputationTerms) {
        guard !lostSince.isEmpty, terms.now >= terms.graceEnds else { return }
        var madeAgainCount = 0
        // Inputs of what is made again may be lost too.
        while true {
            let makeable = inOrder(Set(lostSince.keys.filter { records[$0] != nil }))
            guard !makeable.isEmpty else { break }
            for key in makeable {
                lostSince[key] = nil
                guard case .completed = records[key]?.phase, !isHeld(key) else { continue }
                madeAgainCount += 1
                open(key)
                start(key, terms)
            }
        }
        if madeAgainCount > 0 { effects.append(.notice(.computation(.madeAgain(keyCount: madeAgainCount)))) }
        for (key, since) in lostSince.sorted(by: { $0.key < $1.key }) where terms.now - since > terms.lostMax {
            for dependent in inOrder(dependents[key] ?? []) where records[dependent]?.isOver == false {
                fail(
                    dependent,
                    "nobody holds its input \(key) any more, and no computation makes it; asked was the center, for \(TimeText.of(terms.lostMax))",
                    terms)
            }
            lostSince[key] = nil
        }
    }

    mutating func endRests(_ terms: ComputationTerms) {
        for (key, until) in resting.sorted(by: { $0.key < $1.key }) where until <= terms.now {
            resting[key] = nil
            if case .resting = records[key]?.phase { queue(key, isUrgent: true) }
        }
    }

    // MARK: Forgetting

    /// They go at once, or when nothing that is open needs them.
    mutating func forget(_ keys: [ObjectKey], _ terms: ComputationTerms) -> ComputationReply {
        var count = 0
        let (effectsBefore, wanted) = (effects, Set(keys))
        effects = []
        for key in wanted.sorted() where isHeld(key) || (records[key] != nil && !doomed.contains(key)) {
            count += 1
            doomed.insert(key)
            // Nobody asks for it, and nobody needs it.
            if openDependentCounts[key] == nil { _ = cancel(key, terms) }
            settling.append(key)
        }
        settle()
        // The caller deletes these before it answers.
        var drops: [String: [ObjectKey]] = [:]
        effects =
            effectsBefore
            + effects.filter { effect in
                guard case .computation(.drop(let keys, let address)) = effect else { return true }
                drops[address, default: []] += keys
                return false
            }
        return .forgotten(
            count: count,
            drops: drops.sorted { $0.key < $1.key }.map { ObjectsAtWorker(address: $0.key, keys: $0.value) })
    }

    /// Drops the data of doomed keys that nothing open needs, and then how they were made, where nothing made of them is known.
    mutating func settle() {
        while let key = settling.popLast() {
            guard doomed.contains(key), openDependentCounts[key] == nil else { continue }
            // It was made again for something that is no longer wanted.
            if records[key]?.isOver == false { conclude(key, .completed) }
            for holder in center.holders(of: key) {
                effects.append(.computation(.drop([key], address: holder)))
                owed[holder, default: []].insert(key)
                // It is registered: it holds the key.
                _ = try? center.remove([key], at: holder)
            }
            digests[key] = nil
            lostSince[key] = nil
            outdate(key)
            guard dependents[key, default: []].isEmpty else { continue }
            dependents[key] = nil
            doomed.remove(key)
            changed.insert(key)
            guard let record = records.removeValue(forKey: key) else { continue }
            argumentByteCount -= record.computation.arguments.count
            for input in record.computation.inputs {
                dependents[input]?.remove(key)
                if dependents[input]?.isEmpty == true { dependents[input] = nil }
                settling.append(input)
            }
        }
    }
}
