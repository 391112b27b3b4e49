import Model

extension WorkerKey: Recorded {
    func record(in writer: inout RecordWriter) {
        switch self {
        case .full(let id):
            writer.write(tag: 0)
            writer.write(id)
        case .simple(let name):
            writer.write(tag: 1)
            writer.write(name)
        }
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        switch try reader.byte() {
        case 0: self = .full(try reader.value())
        case 1: self = .simple(name: try reader.text())
        case let tag: throw reader.error("no worker has tag \(tag)")
        }
    }
}

extension Completion: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(natural: number)
        writer.write(worker)
        writer.write(result)
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let number = try reader.ordinal()
        let worker = try reader.value(WorkerKey.self)
        self.init(number: number, worker: worker, result: try reader.value())
    }
}

extension TaskPhase: Recorded {
    func record(in writer: inout RecordWriter) {
        switch self {
        case .pending: writer.write(tag: 0)
        case .running(let number, let worker, let leaseEnds):
            writer.write(tag: 1)
            writer.write(natural: number)
            writer.write(worker)
            writer.write(leaseEnds)
        case .committing(let completion):
            writer.write(tag: 2)
            writer.write(completion)
        case .completed(let completion):
            writer.write(tag: 3)
            writer.write(completion)
        }
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        switch try reader.byte() {
        case 0: self = .pending
        case 1:
            let number = try reader.ordinal()
            let worker = try reader.value(WorkerKey.self)
            self = .running(number: number, on: worker, leaseEnds: try reader.value())
        case 2: self = .committing(try reader.value())
        case 3: self = .completed(try reader.value())
        case let tag: throw reader.error("no phase of a task has tag \(tag)")
        }
    }
}

extension Setbacks: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(natural: failures)
        writer.write(natural: losses)
        writer.write(natural: outputLosses)
        writer.write(avoided)
        writer.write(avoidsUntil)
        writer.write(history.entries) { $0.write($1) }
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let failures = try reader.natural()
        let losses = try reader.natural()
        let outputLosses = try reader.natural()
        let avoided = try reader.list(of: WorkerID.self)
        let avoidsUntil = try reader.value(JobTime.self)
        let history = try reader.list { reader throws(RecordError) in try reader.text() }
        self.init(
            failures: failures, losses: losses, outputLosses: outputLosses, avoided: avoided,
            avoidsUntil: avoidsUntil, history: History(entries: history))
    }
}

extension TaskRecord: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(pieces)
        writer.write(phase)
        writer.write(natural: attemptsMade)
        writer.write(needsFullWorker)
        // Nearly all tasks have had none.
        writer.write(setbacks == Setbacks() ? nil : setbacks)
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        self.init(pieces: try reader.list())
        phase = try reader.value()
        attemptsMade = try reader.natural()
        needsFullWorker = try reader.bool()
        if let setbacks = try reader.optional(Setbacks.self) { self.setbacks = setbacks }
        if let number = currentNumber, number > attemptsMade {
            throw reader.error("attempt \(number) of a task with \(attemptsMade)")
        }
    }
}

extension PendingTasks.Entry: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(byteCount)
        writer.write(natural: index)
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let byteCount = try reader.int64()
        self.init(byteCount: byteCount, index: try reader.natural())
    }
}

extension JobPhase: Recorded {
    func record(in writer: inout RecordWriter) {
        switch self {
        case .active: writer.write(tag: 0)
        case .finishing: writer.write(tag: 1)
        case .over(let outcome):
            writer.write(tag: 2)
            writer.write(outcome)
        }
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        switch try reader.byte() {
        case 0: self = .active
        case 1: self = .finishing
        case 2: self = .over(try reader.value())
        case let tag: throw reader.error("no phase of a job has tag \(tag)")
        }
    }
}
