import Model

extension SkippedRecord: Recorded {
    func record(in writer: inout RecordWriter) {
        switch place {
        case .record(let fileIndex, let offset, let byteCount):
            writer.write(tag: 0)
            writer.write(natural: fileIndex)
            writer.write(offset)
            writer.write(byteCount)
        case .group(let key, let keyByteCount, let valueCount):
            writer.write(tag: 1)
            writer.write(key)
            writer.write(keyByteCount)
            writer.write(valueCount)
        }
        writer.write(ending)
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        let place: Place
        switch try reader.byte() {
        case 0:
            let fileIndex = try reader.natural()
            let offset = try reader.int64()
            place = .record(fileIndex: fileIndex, offset: offset, byteCount: try reader.int64())
        case 1:
            let key = try reader.content()
            let keyByteCount = try reader.int64()
            place = .group(key: key, keyByteCount: keyByteCount, valueCount: try reader.int64())
        case let tag: throw reader.error("nothing that was left out has tag \(tag)")
        }
        self.init(place: place, ending: try reader.text())
    }
}
