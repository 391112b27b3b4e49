/// How much a store may hold.
package struct ObjectLimits: Hashable, Sendable {
    /// Of objects in memory, without what keys and the table take; the rest is in files.
    package let memoryByteCountMax: Int
    package let countMax: Int
    /// Objects that are being written in pieces.
    package let writerCountMax: Int

    package init(memoryByteCountMax: Int, countMax: Int = 1_000_000, writerCountMax: Int = 1_024) {
        precondition(memoryByteCountMax >= 0, "a limit of memory is no number of bytes: \(memoryByteCountMax)")
        precondition(0...Int(Int32.max) ~= countMax, "a limit of objects is out of range: \(countMax)")
        self.memoryByteCountMax = memoryByteCountMax
        self.countMax = countMax
        self.writerCountMax = writerCountMax
    }

    /// What all writers of objects of unknown length keep in memory before they turn to files, together, beside the objects.
    package var writerByteCountMax: Int { memoryByteCountMax / 4 }
}

/// What became of an object that was put.
package enum ObjectPut: Hashable, Sendable {
    case added
    case replaced
    /// The key held the same tag, size and digest.
    case unchanged
}

/// What a store holds.
package struct ObjectStatistics: Hashable, Sendable {
    package let count: Int
    /// Never over the limit.
    package let memoryByteCount: Int
    package let spilledByteCount: Int
    package let memoryByteCountMax: Int
    /// Kept free for objects on their way here: part of the limit, as those in memory are.
    package let reservedByteCount: Int
    /// Objects that are being written in pieces, and what of those of unknown length is in memory: in none of the other numbers.
    package let writerCount: Int
    package let writerByteCount: Int

    package var byteCount: Int { memoryByteCount + spilledByteCount }
}
