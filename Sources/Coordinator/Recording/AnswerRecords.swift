import Model

extension MapOutputHolding: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(holder)
        writer.write(Array(zip(outputs, checksums))) {
            $0.write($1.0)
            $0.write(bits: UInt64($1.1))
        }
        writer.write(byteCountMax)
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        self.init(holder: try reader.optional())
        let announced = try reader.list { reader throws(RecordError) in
            (output: try reader.value(MapOutputID.self), checksum: try reader.checksum())
        }
        let byteCountMax = try reader.int64()
        for (output, checksum) in announced { add(output, OutputSummary(byteCount: byteCountMax, checksum: checksum)) }
    }
}

extension Assignment: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(attempt)
        switch work {
        case .map(let pieces):
            writer.write(tag: 0)
            writer.write(pieces)
        case .reduce(let sources):
            writer.write(tag: 1)
            writer.write(shared: sources)
        case .mapToPart(let pieces):
            writer.write(tag: 2)
            writer.write(pieces)
        }
        writer.write(searchesBadRecord)
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let attempt = try reader.value(AttemptID.self)
        let work: Work
        switch try reader.byte() {
        case 0: work = .map(pieces: try reader.list())
        case 1: work = .reduce(sources: try reader.sharedSourcesList())
        case 2: work = .mapToPart(pieces: try reader.list())
        case let tag: throw reader.error("no work has tag \(tag)")
        }
        self.init(attempt: attempt, work: work, searchesBadRecord: try reader.bool())
    }
}

extension Directive: Recorded {
    func record(in writer: inout RecordWriter) {
        switch self {
        case .proceed: writer.write(tag: 0)
        case .stop(let reason):
            writer.write(tag: 1)
            writer.write(reason)
        case .drain: writer.write(tag: 2)
        }
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        switch try reader.byte() {
        case 0: self = .proceed
        case 1: self = .stop(reason: try reader.text())
        case 2: self = .drain
        case let tag: throw reader.error("no directive has tag \(tag)")
        }
    }
}

extension PollAnswer: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(verdicts) { $0.write($1 == .stale) }
        writer.write(assignments)
        writer.write(cancelled)
        writer.write(handOver)
        writer.write(ended)
        writer.write(directive)
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let verdicts = try reader.list { reader throws(RecordError) in
            try reader.bool() ? Verdict.stale : Verdict.accepted
        }
        let assignments = try reader.list(of: Assignment.self)
        let cancelled = try reader.list(of: AttemptID.self)
        let handOver = try reader.list(of: AttemptID.self)
        let ended = try reader.list(of: JobID.self)
        self.init(
            verdicts: verdicts, assignments: assignments, cancelled: cancelled, handOver: handOver, ended: ended,
            directive: try reader.value())
    }
}

extension JobFailure: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(task)
        writer.write(pieces)
        writer.write(reason)
        writer.write(history) { $0.write($1) }
        writer.write(skipped)
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let task = try reader.optional(TaskID.self)
        let pieces = try reader.list(of: SplitPiece.self)
        let reason = try reader.text()
        let history = try reader.list { reader throws(RecordError) in try reader.text() }
        self.init(task: task, pieces: pieces, reason: reason, history: history, skipped: try reader.list())
    }
}

extension JobOutcome: Recorded {
    func record(in writer: inout RecordWriter) {
        switch self {
        case .succeeded: writer.write(tag: 0)
        case .failed(let failure):
            writer.write(tag: 1)
            writer.write(failure)
        case .cancelled(let reason):
            writer.write(tag: 2)
            writer.write(reason)
        }
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        switch try reader.byte() {
        case 0: self = .succeeded
        case 1: self = .failed(try reader.value())
        case 2: self = .cancelled(reason: try reader.text())
        case let tag: throw reader.error("no outcome of a job has tag \(tag)")
        }
    }
}
