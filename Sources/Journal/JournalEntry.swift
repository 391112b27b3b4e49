import CDataPath

/// One row of a journal.
///
/// Sequence numbers have no gaps: the header is 0, and batches and snapshots count on from 1. A snapshot takes the next number
/// and the place of all that came before it but the header, so the rows are: header, snapshot or nothing, batches.
struct JournalEntry {
    enum Kind: Int64 {
        case header = 0
        case snapshot = 1
        case batch = 2
    }

    let sequence: Int64
    let kind: Kind
    let bytes: [UInt8]

    /// CRC-32C of the sequence number and the kind (8 bytes each, little-endian) and then the bytes, so that a row that is
    /// whole in the wrong place is wrong too.
    var checksum: Int64 { Self.checksum(sequence: sequence, kind: kind.rawValue, bytes) }

    static func checksum(sequence: Int64, kind: Int64, _ bytes: [UInt8]) -> Int64 {
        let place = [sequence.littleEndian, kind.littleEndian]
        let start = mr_crc32c(0, place, 2 * MemoryLayout<Int64>.size)
        return Int64(mr_crc32c(start, bytes, bytes.count))
    }
}

/// A row as it was read, which may hold anything.
struct StoredRow {
    let sequence: Int64
    let kind: Int64?
    let byteCount: Int64?
    let checksum: Int64?
    let bytes: [UInt8]
}

/// What a journal's rows add up to, checked one after the other.
struct JournalReading {
    private(set) var header: [UInt8]?
    private(set) var snapshot: [UInt8]?
    private(set) var batches: [[UInt8]] = []
    /// -1 before the header.
    private(set) var lastSequence: Int64 = -1
    private(set) var tailByteCount = 0

    /// - Returns: What is wrong with the row, and nil when it is whole and in its place.
    mutating func add(_ row: StoredRow) -> String? {
        guard row.byteCount == Int64(row.bytes.count) else {
            return
                "row \(row.sequence) has \(row.bytes.count) bytes and not \(row.byteCount.map { "\($0)" } ?? "its length")"
        }
        guard let kind = row.kind,
            row.checksum == JournalEntry.checksum(sequence: row.sequence, kind: kind, row.bytes),
            let kind = JournalEntry.Kind(rawValue: kind)
        else { return "row \(row.sequence) does not match its checksum" }
        guard mayFollow(row.sequence, kind) else {
            return "row \(row.sequence) does not follow row \(lastSequence): rows between them are gone"
        }
        lastSequence = row.sequence
        switch kind {
        case .header: header = row.bytes
        case .snapshot: snapshot = row.bytes
        case .batch:
            batches.append(row.bytes)
            tailByteCount += row.bytes.count
        }
        return nil
    }

    private func mayFollow(_ sequence: Int64, _ kind: JournalEntry.Kind) -> Bool {
        switch kind {
        case .header: lastSequence == -1 && sequence == 0
        case .snapshot: lastSequence == 0 && sequence > 0
        case .batch: lastSequence >= 0 && sequence == lastSequence + 1
        }
    }
}
