package import Model
package import XMLRPC

/// How attempt outcomes travel in `worker.poll`.
package enum ReportMessage {
    /// - Parameter measured: Whether a success says what its output is like.
    package static func value(of report: AttemptReport, measured: Bool = true) -> XMLRPCValue {
        var members: [String: XMLRPCValue] = ["attempt": .string(report.attempt.name)]
        switch report.outcome {
        case .succeeded where !measured:
            members["outcome"] = "succeeded"
        case .succeeded(let result):
            members["outcome"] = "succeeded"
            members["bytes"] = .count(result.output.byteCount)
            members["checksum"] = .string(String(result.output.checksum, radix: 16))
            members["counters"] = CounterMessage.value(of: result.counters, withZeros: false)
            if !result.skipped.isEmpty { members["skipped"] = .array(result.skipped.map(SkippedMessage.value)) }
            members.merge(UserCounterMessage.members(of: result.userCounters)) { own, _ in own }
            if !result.topKeys.isEmpty {
                members["top"] = .array(result.topKeys.map { .array([.base64($0.key), .int64($0.count)]) })
            }
        case .failed(let reason):
            members["outcome"] = "failed"
            members["reason"] = .string(reason)
        case .failedForGood(let reason):
            members["outcome"] = "failed_for_good"
            members["reason"] = .string(reason)
        case .diskFull(let reason):
            members["outcome"] = "disk_full"
            members["reason"] = .string(reason)
        case .fetchFailed(let failure):
            members["outcome"] = "fetch_failed"
            members.merge(FetchFailureMessage.members(of: failure)) { own, _ in own }
        case .handedBack:
            members["outcome"] = "handed_back"
        case .notHandedOver(let reason):
            members["outcome"] = "not_handed_over"
            members["reason"] = .string(reason)
        case .refused(let reason):
            members["outcome"] = "refused"
            members["reason"] = .string(reason)
        }
        return .structure(members)
    }

    package static func report(from fields: Fields) throws(XMLRPCFault) -> AttemptReport {
        let attempt = try attempt(named: fields.string("attempt", byteCountMax: 64))
        switch try fields.string("outcome", byteCountMax: 64) {
        case "succeeded":
            return AttemptReport(attempt: attempt, outcome: .succeeded(try result(from: fields)))
        case "failed":
            return AttemptReport(attempt: attempt, outcome: .failed(reason: try reason(from: fields)))
        case "failed_for_good":
            return AttemptReport(attempt: attempt, outcome: .failedForGood(reason: try reason(from: fields)))
        case "fetch_failed":
            let failure = try FetchFailureMessage.failure(from: fields, reason: reason(from: fields))
            return AttemptReport(attempt: attempt, outcome: .fetchFailed(failure))
        case "disk_full":
            return AttemptReport(attempt: attempt, outcome: .diskFull(reason: try reason(from: fields)))
        case "handed_back":
            return AttemptReport(attempt: attempt, outcome: .handedBack)
        case "not_handed_over":
            return AttemptReport(attempt: attempt, outcome: .notHandedOver(reason: try reason(from: fields)))
        case "refused":
            return AttemptReport(attempt: attempt, outcome: .refused(reason: try reason(from: fields)))
        default:
            throw Fields.fault(
                "a report's outcome must be succeeded, failed, failed_for_good, disk_full, fetch_failed, handed_back, not_handed_over or refused"
            )
        }
    }

    package static func attempt(named name: String) throws(XMLRPCFault) -> AttemptID {
        guard let attempt = AttemptID(name: name) else {
            throw Fields.fault("an attempt is named like 1-map-12-3, as the assignment gave it")
        }
        return attempt
    }

    private static func reason(from fields: Fields) throws(XMLRPCFault) -> String {
        try fields.text("reason", byteCountMax: ProtocolLimits.reasonByteCountMax)
    }

    /// Whether a report leaves out what its output is like: the master has it, and knows.
    package static func leavesOutputOut(_ fields: Fields) -> Bool { !fields.has("bytes") && !fields.has("checksum") }

    private static func result(from fields: Fields) throws(XMLRPCFault) -> AttemptResult {
        guard !leavesOutputOut(fields) else { return AttemptResult(output: OutputSummary(byteCount: 0, checksum: 0)) }
        guard let checksum = UInt32(try fields.string("checksum", byteCountMax: 8), radix: 16) else {
            throw Fields.fault("member 'checksum' of a report must be a CRC-32C in hexadecimal")
        }
        var top: [KeyCount] = []
        let items = fields.has("top") ? try fields.array("top", countMax: AttemptResult.topKeyCountMax) : []
        for item in items {
            guard case .array(let pair) = item, pair.count == 2, case .base64(let key) = pair[0],
                case .int64(let count) = pair[1]
            else { throw Fields.fault("member 'top' of a report must hold arrays of base64 and i8") }
            guard key.count <= AttemptResult.topKeyByteCountMax else {
                throw Fields.fault(
                    "a key in member 'top' of a report has at most \(AttemptResult.topKeyByteCountMax) bytes")
            }
            top.append(KeyCount(key: key, count: count))
        }
        var result = AttemptResult(
            output: OutputSummary(byteCount: try fields.count("bytes"), checksum: checksum),
            counters: try CounterMessage.counters(from: fields.structure("counters")), topKeys: top)
        result.skipped = try SkippedMessage.records(from: fields)
        result.userCounters = try UserCounterMessage.counters(from: fields)
        return result
    }
}

/// How counters travel: a struct of doubles by name; one that is missing is 0.
package enum CounterMessage {
    package static func value(of counters: TaskCounters, withZeros: Bool = true) -> XMLRPCValue {
        var members: [String: XMLRPCValue] = [:]
        for (name, path) in TaskCounters.named where withZeros || counters[keyPath: path] != 0 {
            members[name] = .count(counters[keyPath: path])
        }
        return .structure(members)
    }

    package static func counters(from members: [String: XMLRPCValue]) throws(XMLRPCFault) -> TaskCounters {
        let fields = try Fields(.structure(members), in: "the counters of a report")
        var counters = TaskCounters()
        for (name, path) in TaskCounters.named where fields.has(name) {
            counters[keyPath: path] = try fields.count(name)
        }
        return counters
    }
}

/// How lists of map outputs travel: `map.attempt` pairs, one space between two, as in `0.1 1.1 2.3`.
package enum MapOutputNames {
    package static func text(of outputs: [MapOutputID]) -> String {
        outputs.map { "\($0.mapIndex).\($0.attemptNumber)" }.joined(separator: " ")
    }

    package static func outputs(in text: String) throws(XMLRPCFault) -> [MapOutputID] {
        var outputs: [MapOutputID] = []
        for pair in text.utf8.split(separator: UInt8(ascii: " ")) {
            let numbers = pair.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            guard numbers.count == 2, let map = Int(Substring(numbers[0])), let attempt = Int(Substring(numbers[1])),
                (0...Int(Int32.max)).contains(map), (1...Int(Int32.max)).contains(attempt),
                outputs.count < ProtocolLimits.lostOutputsMax
            else { throw Fields.fault("map outputs are written like '0.1 1.1': map index, dot, attempt number") }
            outputs.append(MapOutputID(mapIndex: map, attemptNumber: attempt))
        }
        return outputs
    }
}
