import Model

extension KeyCount: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(key)
        writer.write(count)
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let key = try reader.content()
        self.init(key: key, count: try reader.int64())
    }
}

extension OutputSummary: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(byteCount)
        writer.write(bits: UInt64(checksum))
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let byteCount = try reader.int64()
        self.init(byteCount: byteCount, checksum: try reader.checksum())
    }
}

extension TaskCounters: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(inputBytes)
        writer.write(inputRecords)
        writer.write(mapOutputRecords)
        writer.write(intermediateRecords)
        writer.write(intermediateBytes)
        writer.write(reduceKeys)
        writer.write(outputRecords)
        writer.write(outputBytes)
        writer.write(skippedRecords)
        writer.write(limitedByCgroupV2)
        writer.write(limitedByCgroupV1)
        writer.write(limitedByRlimits)
        writer.write(limitsNotHeld)
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        self.init()
        inputBytes = try reader.int64()
        inputRecords = try reader.int64()
        mapOutputRecords = try reader.int64()
        intermediateRecords = try reader.int64()
        intermediateBytes = try reader.int64()
        reduceKeys = try reader.int64()
        outputRecords = try reader.int64()
        outputBytes = try reader.int64()
        skippedRecords = try reader.int64()
        limitedByCgroupV2 = try reader.int64()
        limitedByCgroupV1 = try reader.int64()
        limitedByRlimits = try reader.int64()
        limitsNotHeld = try reader.int64()
    }
}

extension AttemptResult: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(output)
        writer.write(counters)
        writer.write(topKeys)
        writer.write(skipped)
        writer.write(userCounters)
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let output = try reader.value(OutputSummary.self)
        let counters = try reader.value(TaskCounters.self)
        self.init(output: output, counters: counters, topKeys: try reader.list())
        skipped = try reader.list()
        userCounters = try reader.value()
    }
}

extension AttemptOutcome: Recorded {
    func record(in writer: inout RecordWriter) {
        switch self {
        case .succeeded(let result):
            writer.write(tag: 0)
            writer.write(result)
        case .failed(let reason):
            writer.write(tag: 1)
            writer.write(reason)
        case .fetchFailed(let failure):
            writer.write(tag: 2)
            writer.write(failure.lost)
            writer.write(failure.damaged)
            writer.write(failure.unreachable)
            writer.write(failure.reason)
        case .handedBack:
            writer.write(tag: 3)
        case .failedForGood(let reason):
            writer.write(tag: 4)
            writer.write(reason)
        case .diskFull(let reason):
            writer.write(tag: 5)
            writer.write(reason)
        case .notHandedOver(let reason):
            writer.write(tag: 6)
            writer.write(reason)
        case .refused(let reason):
            writer.write(tag: 7)
            writer.write(reason)
        }
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        switch try reader.byte() {
        case 0: self = .succeeded(try reader.value())
        case 1: self = .failed(reason: try reader.text())
        case 2:
            let lost = try reader.list(of: MapOutputID.self)
            let damaged = try reader.list(of: MapOutputID.self)
            let unreachable = try reader.list(of: MapOutputID.self)
            self = .fetchFailed(
                FetchFailure(lost: lost, damaged: damaged, unreachable: unreachable, reason: try reader.text()))
        case 3: self = .handedBack
        case 4: self = .failedForGood(reason: try reader.text())
        case 5: self = .diskFull(reason: try reader.text())
        case 6: self = .notHandedOver(reason: try reader.text())
        case 7: self = .refused(reason: try reader.text())
        case let tag: throw reader.error("no outcome of an attempt has tag \(tag)")
        }
    }
}

extension AttemptReport: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(attempt)
        writer.write(outcome)
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let attempt = try reader.value(AttemptID.self)
        self.init(attempt: attempt, outcome: try reader.value())
    }
}
