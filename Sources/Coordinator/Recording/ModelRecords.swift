import Model

extension JobTime: Recorded {
    func record(in writer: inout RecordWriter) { writer.write(sinceStart) }
    init(from reader: inout RecordReader) throws(RecordError) { self.init(sinceStart: try reader.duration()) }
}

extension JobID: Recorded {
    func record(in writer: inout RecordWriter) { writer.write(natural: number) }
    init(from reader: inout RecordReader) throws(RecordError) { self.init(number: try reader.ordinal()) }
}

extension WorkerID: Recorded {
    func record(in writer: inout RecordWriter) { writer.write(natural: number) }
    init(from reader: inout RecordReader) throws(RecordError) { self.init(number: try reader.ordinal()) }
}

extension RequestID: Recorded {
    func record(in writer: inout RecordWriter) { writer.write(bits: number) }
    init(from reader: inout RecordReader) throws(RecordError) { self.init(number: try reader.bits()) }
}

extension TaskKind: Recorded {
    func record(in writer: inout RecordWriter) { writer.write(self == .reduce) }
    init(from reader: inout RecordReader) throws(RecordError) { self = try reader.bool() ? .reduce : .map }
}

extension TaskID: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(job)
        writer.write(kind)
        writer.write(natural: index)
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let job = try reader.value(JobID.self)
        let kind = try reader.value(TaskKind.self)
        self.init(job: job, kind: kind, index: try reader.natural())
    }
}

extension AttemptID: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(task)
        writer.write(natural: number)
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let task = try reader.value(TaskID.self)
        self.init(task: task, number: try reader.ordinal())
    }
}

extension MapOutputID: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(mapIndex)
        writer.write(attemptNumber)
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let mapIndex = try reader.int()
        self.init(mapIndex: mapIndex, attemptNumber: try reader.int())
    }
}

extension SplitPiece: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(natural: fileIndex)
        writer.write(offset)
        writer.write(byteCount)
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let fileIndex = try reader.natural()
        let offset = try reader.int64()
        let byteCount = try reader.int64()
        guard offset >= 0, byteCount >= 0 else { throw reader.error("a piece at \(offset) of \(byteCount) bytes") }
        self.init(fileIndex: fileIndex, offset: offset, byteCount: byteCount)
    }
}

extension InputFile: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(path)
        writer.write(name)
        writer.write(byteCount)
        writer.write(modifiedNanoseconds)
        writer.write(natural: Int(compression?.rawValue ?? 0))
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let path = try reader.content()
        let name = try reader.content()
        let byteCount = try reader.int64()
        let modifiedNanoseconds = try reader.int64()
        let number = try reader.natural()
        let compression = UInt8(exactly: number).flatMap(InputCompression.init(rawValue:))
        guard number == 0 || compression != nil else { throw reader.error("compression \(number)") }
        self.init(
            path: path, name: name, byteCount: byteCount, modifiedNanoseconds: modifiedNanoseconds,
            compression: compression)
    }
}

extension ApplicationChoice: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(name)
        writer.write(options.sorted { $0.key < $1.key }) {
            $0.write($1.key)
            $0.write($1.value)
        }
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let name = try reader.text()
        let options = try reader.list { reader throws(RecordError) in
            let key = try reader.text()
            return (key, try reader.content())
        }
        self.init(name: name, options: Dictionary(options) { first, _ in first })
    }
}

extension JobPlan: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(id)
        writer.write(application)
        writer.write(files)
        writer.write(splits) { $0.write($1) }
        writer.write(natural: reduceCount)
        writer.write(allowsSimpleWorkers)
        writer.write(cutPoints) { $0.write($1) { $0.write($1) } }
        writer.write(natural: skippedRecordsMax)
        writer.write(forms)
        writer.write(isMapOnly)
        writer.write(shipped)
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let id = try reader.value(JobID.self)
        let application = try reader.value(ApplicationChoice.self)
        let files = try reader.list(of: InputFile.self)
        let splits = try reader.list { reader throws(RecordError) in try reader.list(of: SplitPiece.self) }
        let reduceCount = try reader.ordinal()
        let allowsSimpleWorkers = try reader.bool()
        let cutPoints = try reader.optional { reader throws(RecordError) in
            try reader.list { reader throws(RecordError) in try reader.content() }
        }
        let skippedRecordsMax = try reader.natural()
        let forms = try reader.value(DataForms.self)
        let isMapOnly = try reader.bool()
        guard !isMapOnly || reduceCount == splits.count else {
            throw reader.error("\(reduceCount) parts of \(splits.count) splits")
        }
        self.init(
            id: id, application: application, files: files, splits: splits, reduceCount: reduceCount,
            allowsSimpleWorkers: allowsSimpleWorkers, cutPoints: cutPoints, skippedRecordsMax: skippedRecordsMax,
            forms: forms, isMapOnly: isMapOnly, shipped: try reader.list())
    }
}

extension ShippedFile: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(file)
        writer.write(digest)
        writer.write(isExecutable)
        writer.write(isArchive)
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let file = try reader.value(InputFile.self)
        let digest = try reader.content()
        let isExecutable = try reader.bool()
        self.init(file: file, digest: digest, isExecutable: isExecutable, isArchive: try reader.bool())
    }
}
