import DataProtocol

extension ComputationTable {
    /// What must hold between any two events.
    func check(_ violations: inout [String]) {
        var openCounts: [ObjectKey: Int] = [:]
        var known: [ObjectKey: Set<ObjectKey>] = [:]
        var attempts: [String: [ObjectKey: Int]] = [:]
        var costs: [String: Int64] = [:]
        for (key, record) in records {
            for input in record.computation.inputs {
                known[input, default: []].insert(key)
                if !record.isOver { openCounts[input, default: 0] += 1 }
            }
            if !record.isOver, doomed.contains(key), openDependentCounts[key] == nil {
                violations.append("nobody asks for the computation \(key) or needs it, and it is not over")
            }
            let missingCount = record.computation.inputs.count { !isHeld($0) }
            switch record.phase {
            case .waiting(let count):
                if count != missingCount || count == 0 {
                    violations.append("\(key) waits for \(count) inputs, and \(missingCount) are missing")
                }
            case .ready, .resting:
                if missingCount > 0 { violations.append("\(key) is ready, and \(missingCount) inputs are missing") }
                if record.phase == .resting, resting[key] == nil { violations.append("\(key) rests without end") }
            case .running(let number, let address, let cost):
                attempts[address, default: [:]][key] = number
                costs[address, default: 0] += cost
            case .completed, .failed, .cancelled: break
            }
            if isHeld(key), !record.isOver { violations.append("\(key) is held, and its computation is not over") }
        }
        if openCounts != openDependentCounts { violations.append("open dependents are miscounted") }
        if known != dependents { violations.append("dependents of keys are not those that name them") }
        if loads.filter({ !$0.value.attempts.isEmpty }).mapValues(\.attempts) != attempts {
            violations.append("workers run other computations than are running")
        }
        if loads.contains(where: { $0.value.cost != costs[$0.key] ?? 0 }) {
            violations.append("the work of data workers does not add up")
        }
        if Set(loads.keys) != Set(center.workers.keys) { violations.append("loads of workers that are not there") }
        for key in openCounts.keys where !isHeld(key) && records[key]?.isOver != false && lostSince[key] == nil {
            violations.append("\(key) is needed, and nobody holds it or makes it")
        }
        for key in digests.keys where !isHeld(key) { violations.append("a digest of \(key), which nobody holds") }
        if argumentByteCount != records.values.reduce(0, { $0 + $1.computation.arguments.count }) {
            violations.append("bytes of arguments do not add up")
        }
    }
}
