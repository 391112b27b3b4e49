/// One record of a job's input, chosen to stand for many.
package struct SampledRecord: Hashable, Sendable {
    /// The file's name as the user gave it.
    package let fileName: [UInt8]
    /// With what ends it, such as the LF of a line; of a very long record only the beginning.
    package let bytes: [UInt8]

    package init(fileName: [UInt8], bytes: [UInt8]) {
        self.fileName = fileName
        self.bytes = bytes
    }
}

extension SampledRecord {
    /// As a sample travels: for each record the lengths of name and bytes, four bytes each, the lowest first, and both.
    package static func bytes(of records: [SampledRecord]) -> [UInt8] {
        var bytes: [UInt8] = []
        for record in records {
            for count in [record.fileName.count, record.bytes.count] {
                withUnsafeBytes(of: UInt32(count).littleEndian) { bytes += $0 }
            }
            bytes += record.fileName
            bytes += record.bytes
        }
        return bytes
    }

    /// - Returns: Nil when these are not the bytes of records.
    package static func records(in bytes: [UInt8]) -> [SampledRecord]? {
        var rest = bytes[...]
        func take(_ count: Int) -> ArraySlice<UInt8>? {
            guard count <= rest.count else { return nil }
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count)
        }
        func takeCount() -> Int? {
            take(4).map { $0.reversed().reduce(0) { $0 << 8 | Int($1) } }
        }
        var records: [SampledRecord] = []
        while !rest.isEmpty {
            guard let nameCount = takeCount(), let byteCount = takeCount(), let name = take(nameCount),
                let bytes = take(byteCount)
            else { return nil }
            records.append(SampledRecord(fileName: Array(name), bytes: Array(bytes)))
        }
        return records
    }
}
