import ApplicationAPI

/// The right side's lines of one key, while they are joined with the left side's.
struct JoinRows {
    private(set) var count = 0
    private var text: [UInt8] = []
    private var ends: [Int] = []

    /// What the lines of one key may take, with 8 bytes more for each.
    static let byteCountMax = 64 << 20
    private static let rowByteCount = 8

    var isEmpty: Bool { count == 0 }

    mutating func removeAll() {
        count = 0
        text.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
    }

    /// - Returns: False when there is no room.
    mutating func append(_ row: Bytes) -> Bool {
        guard text.count + row.count + (count + 1) * Self.rowByteCount <= Self.byteCountMax else { return false }
        text.append(contentsOf: row)
        ends.append(text.count)
        count += 1
        return true
    }

    /// Calls `body` with each, in the order in which they came.
    func forEach(_ body: (Bytes) -> Void) {
        text.withUnsafeBytes { text in
            var start = 0
            for end in ends {
                body(Bytes(rebasing: text[start..<end]))
                start = end
            }
        }
    }
}

/// The right side has too many lines of one key.
struct JoinRowsError: Error, Hashable, CustomStringConvertible {
    /// Its beginning.
    let key: [UInt8]

    static let shownByteCountMax = 100

    var description: String {
        "key \"\(String(decoding: key, as: UTF8.self))\" has more than \(JoinRows.byteCountMax) bytes of lines on the right side, which are held in memory; make the side with fewer lines of a key the right one"
    }
}
