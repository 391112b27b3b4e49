import Center
import DataProtocol
import Model

// Which worker computes what, and what came of it.

extension ComputationTable {
    /// What a function is expected to take that nobody has run yet, in microseconds.
    private static let durationUnknown: Int64 = 500_000
    /// Work that a worker may have beyond its cores, in microseconds for each: enough to go on while a report is on its way.
    private static let queuedCostMax: Int64 = 50_000
    private static let queuedCountMax = 1_000
    /// Functions of which it is remembered what they took.
    private static let functionsMax = 1_000

    /// Ready ones go to workers that have room, as long as there are both.
    mutating func handOut() {
        var shares: [String: [ComputationAttempt]] = [:]
        while let entry = takeReady() {
            guard let address = place(for: entry.entry.name) else {
                if entry.isUrgent { urgentLine.putBack([entry.entry]) } else { line.putBack([entry.entry]) }
                break
            }
            shares[address, default: []] += begin(entry.entry.name, at: address).map { [$0] } ?? []
        }
        for (address, share) in shares.sorted(by: { $0.key < $1.key }) {
            effects.append(.computation(.run(share, address: address)))
        }
    }

    private mutating func takeReady() -> (entry: WaitingLine<ObjectKey>.Entry, isUrgent: Bool)? {
        while let entry = urgentLine.takeFirst() { if isReady(entry) { return (entry, true) } }
        while let entry = line.takeFirst() { if isReady(entry) { return (entry, false) } }
        return nil
    }

    private func isReady(_ entry: WaitingLine<ObjectKey>.Entry) -> Bool {
        records[entry.name]?.phase == .ready(entry.ticket)
    }

    /// Of workers with room the one that holds most bytes of the inputs, then the one with the least to do for each core.
    private func place(for key: ObjectKey) -> String? {
        guard let computation = records[key]?.computation, loads.contains(where: { hasRoom($0.value, at: $0.key) })
        else {
            return nil
        }
        let sizes = computation.inputs.map { ($0, center.byteCount(of: $0) ?? 0) }
        var best: (address: String, here: Int64, cost: Int64)?
        for (address, load) in loads {
            guard let worker = center.workers[address], hasRoom(load, at: address) else { continue }
            let here = sizes.reduce(Int64(0)) { $0 + (worker.keys.contains($1.0) ? $1.1 : 0) }
            let cost = (load.cost + Int64(load.attempts.count)) / Int64(worker.profile.coreCount)
            if let best, (-best.here, best.cost, best.address) <= (-here, cost, address) { continue }
            best = (address, here, cost)
        }
        return best?.address
    }

    private func hasRoom(_ load: WorkerLoad, at address: String) -> Bool {
        let coreCount = center.workers[address]?.profile.coreCount ?? 0
        if load.attempts.count < coreCount { return true }
        return load.attempts.count < Self.queuedCountMax && load.cost < Self.queuedCostMax * Int64(coreCount)
    }

    private mutating func begin(_ key: ObjectKey, at address: String) -> ComputationAttempt? {
        guard var record = records[key] else { return nil }
        let cost = durations[record.computation.function] ?? Self.durationUnknown
        attemptNewest += 1
        record.phase = .running(number: attemptNewest, address: address, cost: cost)
        records[key] = record
        loads[address]?.attempts[key] = attemptNewest
        loads[address]?.cost += cost
        let host = center.workers[address]?.profile.host ?? ""
        return ComputationAttempt(
            computation: record.computation, number: attemptNewest,
            inputs: record.computation.inputs.map {
                ObjectSources(key: $0, holders: center.sources(of: $0, for: host))
            })
    }

    // MARK: Reports

    mutating func take(
        _ reports: [ComputationReport], from address: String, _ terms: ComputationTerms
    ) -> ComputationReply {
        guard center.workers[address] != nil else { return .unknownWorker }
        for report in reports {
            let isCurrent =
                switch records[report.key]?.phase {
                case .running(report.number, address, _): true
                default: false
                }
            if isCurrent { leave(report.key) }
            switch report.outcome {
            case .finished(let byteCount, let digest, let microseconds):
                if isCurrent, let function = records[report.key]?.computation.function {
                    learn(function, took: microseconds)
                }
                let object = HeldObject(key: report.key, byteCount: byteCount, digest: digest)
                finish(object, report.number, at: address, isCurrent: isCurrent, terms)
            case .failed(let message) where isCurrent: fail(report.key, message, terms)
            case .inputsMissing(let keys, let message) where isCurrent: rest(report.key, keys, message, terms)
            // Late: somebody else has it now, or it is over.
            case .failed, .inputsMissing: break
            }
        }
        return .done
    }

    private mutating func finish(
        _ object: HeldObject, _ number: Int, at address: String, isCurrent: Bool, _ terms: ComputationTerms
    ) {
        let record = records[object.key]
        let isLate = !isCurrent && (record.map { number <= $0.attemptsBefore || $0.phase == .cancelled } ?? true)
        guard !isLate else {
            // Of a computation that nobody asks for any more.
            effects.append(.computation(.discard(object.key, number: number, address: address)))
            return
        }
        let reason: String
        switch add([object], at: address, terms) {
        case .kept: reason = "its result is another one than \(object.key) holds at others: objects don't change"
        case .refused(let why): reason = why
        default: return
        }
        effects.append(.computation(.discard(object.key, number: number, address: address)))
        if isCurrent { fail(object.key, reason, terms) }
    }

    /// Its inputs did not come. Who was asked may be gone, or no longer have them.
    private mutating func rest(
        _ key: ObjectKey, _ missing: [ObjectKey], _ message: String, _ terms: ComputationTerms
    ) {
        var asked: [String: [ObjectKey]] = [:]
        for input in Set(missing).sorted() {
            for holder in center.holders(of: input) { asked[holder, default: []].append(input) }
        }
        for (holder, keys) in asked.sorted(by: { $0.key < $1.key }) {
            effects.append(.computation(.probe(keys, address: holder)))
        }
        countLoss(of: key, message, terms)
        guard let record = records[key], !record.isOver else { return }
        records[key]?.phase = .resting
        resting[key] = terms.now + .seconds(record.losses)
        // What nobody holds is looked for at once.
        if record.computation.inputs.contains(where: { !isHeld($0) }) {
            resting[key] = nil
            queue(key, isUrgent: true)
            for input in record.computation.inputs { miss(input, terms) }
        }
    }

    /// A quarter of the way to what it took this time.
    private mutating func learn(_ function: String, took microseconds: Int64) {
        let microseconds = max(microseconds, 1)
        guard let known = durations[function] else {
            if durations.count < Self.functionsMax { durations[function] = microseconds }
            return
        }
        durations[function] = known + (microseconds - known) / 4
    }
}
