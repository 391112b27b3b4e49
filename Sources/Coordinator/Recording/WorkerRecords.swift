import Model

extension WorkerRecord.StoredAnswer: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(sequence)
        writer.write(answer)
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let sequence = try reader.int64()
        self.init(sequence: sequence, answer: try reader.value())
    }
}

extension ParkedPoll: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(requests)
        writer.write(sequence)
        writer.write(until)
        writer.write(capacity)
        writer.write(listed)
        writer.write(bits: ticket)
        writer.write(granted)
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        requests = try reader.list()
        sequence = try reader.int64()
        until = try reader.value()
        capacity = try reader.int()
        listed = try reader.list()
        ticket = try reader.bits()
        granted = try reader.list()
    }
}

extension WorkerRecord: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(profile)
        writer.write(applications) { $0.write(natural: $1) }
        writer.write(lastHeard)
        writer.write(isLost)
        writer.write(isToldToStop)
        writer.write(attempts)
        writer.write(natural: completedCount)
        writer.write(natural: failedCount)
        writer.write(mapOutputs)
        writer.write(sequenceNewest)
        writer.write(answers)
        writer.write(parked)
        writer.write(standing == WorkerStanding() ? nil : standing)
        writer.write(checkDue)
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        profile = try reader.value()
        applications = try reader.list { reader throws(RecordError) in try reader.natural() }
        lastHeard = try reader.value()
        isLost = try reader.bool()
        isToldToStop = try reader.bool()
        attempts = try reader.list()
        completedCount = try reader.natural()
        failedCount = try reader.natural()
        mapOutputs = try reader.list()
        sequenceNewest = try reader.int64()
        answers = try reader.list()
        parked = try reader.optional()
        if let standing = try reader.optional(WorkerStanding.self) { self.standing = standing }
        checkDue = try reader.optional()
    }
}

extension SimpleWorkerRecord.Parked: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(request)
        writer.write(until)
        writer.write(bits: ticket)
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let request = try reader.value(RequestID.self)
        let until = try reader.value(JobTime.self)
        self.init(request: request, until: until, ticket: try reader.bits())
    }
}

extension SimpleWorkerRecord: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(lastHeard)
        writer.write(isLive)
        writer.write(attempt)
        writer.write(parked)
        writer.write(natural: completedCount)
        writer.write(checkDue)
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        lastHeard = try reader.value()
        isLive = try reader.bool()
        attempt = try reader.optional()
        parked = try reader.optional()
        completedCount = try reader.natural()
        checkDue = try reader.optional()
    }
}

extension ApplicationRecord.User: Recorded {
    func record(in writer: inout RecordWriter) {
        switch self {
        case .everyJob: writer.write(tag: 0)
        case .job(let id):
            writer.write(tag: 1)
            writer.write(id)
        case .nobody: writer.write(tag: 2)
        }
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        switch try reader.byte() {
        case 0: self = .everyJob
        case 1: self = .job(try reader.value())
        case 2: self = .nobody
        case let tag: throw reader.error("no user of an application has tag \(tag)")
        }
    }
}

extension ApplicationRecord: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(name)
        writer.write(user)
        writer.write(liveWorkerCount)
        writer.write(liveSlotCount)
        writer.write(excludedCount)
        line.record(in: &writer) { $0.write($1) }
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        name = try reader.text()
        user = try reader.value()
        liveWorkerCount = try reader.int()
        liveSlotCount = try reader.int()
        excludedCount = try reader.int()
        line = try WaitingLine(from: &reader) { reader throws(RecordError) in try reader.value(WorkerID.self) }
    }
}
