import Model

extension UserCounters: Recorded {
    func record(in writer: inout RecordWriter) {
        // Two bytes for nearly all attempts: they count nothing.
        writer.write(counts) {
            $0.write(shared: $1.name)
            $0.write($1.value)
        }
        writer.write(isCut)
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let counts = try reader.list { reader throws(RecordError) in
            let name = try reader.sharedCounterName()
            return UserCounter(name: name, value: try reader.int64())
        }
        self.init(counts, isCut: try reader.bool())
    }
}

extension CounterNames: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(names.sorted()) { $0.write(shared: $1) }
        writer.write(isCut)
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        names = Set(try reader.list { reader throws(RecordError) in try reader.sharedCounterName() })
        isCut = try reader.bool()
    }
}
