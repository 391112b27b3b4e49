import Model
import XMLRPC

/// How what an attempt left out travels in its report.
enum SkippedMessage {
    static func value(of record: SkippedRecord) -> XMLRPCValue {
        var members: [String: XMLRPCValue] = ["ending": .string(record.ending)]
        switch record.place {
        case .record(let fileIndex, let offset, let byteCount):
            members["file"] = .int(Int32(clamping: fileIndex))
            members["offset"] = .count(offset)
            members["bytes"] = .count(byteCount)
        case .group(let key, let keyByteCount, let valueCount):
            members["key"] = .base64(key)
            members["key_bytes"] = .count(keyByteCount)
            members["values"] = .count(valueCount)
        }
        return .structure(members)
    }

    /// Those of one report, which mostly has none.
    static func records(from report: Fields) throws(XMLRPCFault) -> [SkippedRecord] {
        guard report.has("skipped") else { return [] }
        var records: [SkippedRecord] = []
        for item in try report.structs("skipped", countMax: SkippedRecord.countMax) {
            records.append(
                SkippedRecord(
                    place: try place(item),
                    ending: try item.string("ending", byteCountMax: SkippedRecord.endingByteCountMax)))
        }
        return records
    }

    private static func place(_ fields: Fields) throws(XMLRPCFault) -> SkippedRecord.Place {
        guard fields.has("key") else {
            return .record(
                fileIndex: try fields.int("file", in: 0...Int(Int32.max)), offset: try fields.count("offset"),
                byteCount: try fields.count("bytes"))
        }
        return .group(
            key: try fields.bytes("key", byteCountMax: SkippedRecord.keyByteCountMax),
            keyByteCount: try fields.count("key_bytes"), valueCount: try fields.count("values"))
    }
}
