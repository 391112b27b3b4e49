import DataProtocol
import Model

// Computations become known, are no longer wanted, and are forgotten.

extension ComputationTable {
    /// All of them or none.
    mutating func submit(_ computations: [Computation], _ terms: ComputationTerms) -> ComputationReply {
        var new: [ObjectKey: Computation] = [:]
        for computation in computations {
            if let known = records[computation.key]?.computation ?? new[computation.key] {
                guard known.isSame(as: computation) else {
                    return .refused(
                        reason: "the key \(computation.key) belongs to another computation; choose another key")
                }
                doomed.remove(computation.key)
                continue
            }
            guard !isHeld(computation.key) else {
                return .refused(
                    reason: "the key \(computation.key) holds data already; choose another key, or delete it first")
            }
            new[computation.key] = computation
        }
        if let reason = flaw(of: new) { return .refused(reason: reason) }
        let fresh = computations.filter { new.removeValue(forKey: $0.key) != nil }
        for computation in fresh { insert(computation, phase: .waiting(missingCount: 0)) }
        // Whatever the order in which they came: all of them are known now.
        for computation in fresh { open(computation.key) }
        for computation in fresh { start(computation.key, terms) }
        return .done
    }

    private func flaw(of new: [ObjectKey: Computation]) -> String? {
        guard records.count + new.count <= Computation.countMax else {
            return
                "\(records.count) computations are known, and \(Computation.countMax) are the most; delete some (delete_data)"
        }
        let byteCount = new.values.reduce(argumentByteCount) { $0 + $1.arguments.count }
        guard byteCount <= Computation.argumentByteCountSumMax else {
            return
                "the arguments of all computations would take \(byteCount) bytes, and \(Computation.argumentByteCountSumMax) are the most; bring large values as data, or delete computations"
        }
        for computation in new.values.sorted(by: { $0.key < $1.key }) {
            guard computation.arguments.count <= Computation.argumentByteCountMax else {
                return
                    "the arguments of \(computation.key) take \(computation.arguments.count) bytes, and \(Computation.argumentByteCountMax) are the most; bring large values as data (scatter), and name their keys"
            }
            for input in computation.inputs where new[input] == nil && records[input] == nil && !isHeld(input) {
                return
                    "nobody holds the key \(input), which \(computation.key) needs, and no computation makes it; asked was the center"
            }
        }
        return Self.cycle(in: new).map {
            "computations need each other in a circle: " + $0.map(\.description).joined(separator: " needs ")
        }
    }

    /// New computations need each other, or known ones, which can't need new ones: a circle lies among the new ones.
    ///
    /// - Returns: Keys of which each needs the next; the last is the first.
    private static func cycle(in new: [ObjectKey: Computation]) -> [ObjectKey]? {
        var openInputCounts = new.mapValues { computation in computation.inputs.count { new[$0] != nil } }
        var needed: [ObjectKey: [ObjectKey]] = [:]
        for computation in new.values {
            for input in computation.inputs where new[input] != nil {
                needed[input, default: []].append(computation.key)
            }
        }
        var free = openInputCounts.filter { $0.value == 0 }.map(\.key)
        while let key = free.popLast() {
            openInputCounts[key] = nil
            for dependent in needed[key] ?? [] {
                openInputCounts[dependent]? -= 1
                if openInputCounts[dependent] == 0 { free.append(dependent) }
            }
        }
        // Each that is left needs another one that is left.
        guard var key = openInputCounts.keys.min() else { return nil }
        var path: [ObjectKey] = []
        while !path.contains(key) {
            path.append(key)
            guard let next = new[key]?.inputs.first(where: { openInputCounts[$0] != nil }) else { return nil }
            key = next
        }
        return Array(path.drop { $0 != key }) + [key]
    }

    private mutating func insert(_ computation: Computation, phase: ComputationRecord.Phase) {
        numberNewest += 1
        records[computation.key] = ComputationRecord(
            computation: computation, number: numberNewest, attemptsBefore: attemptNewest, phase: phase)
        if !isHeld(computation.key) { outdate(computation.key) }
        argumentByteCount += computation.arguments.count
        for input in computation.inputs { dependents[input, default: []].insert(computation.key) }
    }

    // MARK: Made by a worker by itself

    /// Keeps how it was made, so that it can be made again.
    mutating func take(
        _ computation: Computation, _ object: HeldObject, from address: String, _ terms: ComputationTerms
    ) -> ComputationReply {
        guard center.workers[address] != nil else { return .unknownWorker }
        if let reason = objection(to: computation, from: address) { return .refused(reason: reason) }
        let isNew = records[computation.key] == nil
        let reply = add([object], at: address, terms)
        if case .kept = reply {
            return .refused(
                reason:
                    "the key \(computation.key) holds something else at its other holders: objects don't change; choose another key"
            )
        }
        // One that is too much to remember can't be made again, and is there all the same. Nor can one that others were made of: it might need them.
        guard reply == .done, isNew, dependents[computation.key] == nil,
            flaw(of: [computation.key: computation]) == nil
        else { return reply }
        insert(computation, phase: .completed)
        return reply
    }

    /// Why a worker may not compute this by itself; nil if it may.
    func objection(to computation: Computation, from address: String) -> String? {
        if let known = records[computation.key]?.computation {
            return known.isSame(as: computation)
                ? nil : "the key \(computation.key) belongs to another computation; choose another key"
        }
        let others = center.holders(of: computation.key).filter { $0 != address }
        return others.isEmpty
            ? nil
            : "the key \(computation.key) holds data at \(others[0]) already; choose another key, or delete it first"
    }
}
