import CDataPath

/// One key and its sum: 32 bytes, two to a cache line.
package struct SumEntry {
    /// Of a key of up to 16 bytes its first eight, zeros above its end; of a longer one its hash.
    package fileprivate(set) var low: UInt64
    /// Of a key of up to 16 bytes the rest; of a longer one its address in the arena.
    package fileprivate(set) var high: UInt64
    package fileprivate(set) var sum: Int64
    /// 0 marks a free entry.
    package fileprivate(set) var lengthPlusOne: UInt32
    private var padding: UInt32 = 0

    init(low: UInt64, high: UInt64, sum: Int64, length: Int) {
        self.low = low
        self.high = high
        self.sum = sum
        lengthPlusOne = UInt32(truncatingIfNeeded: length) + 1
    }

    var length: Int { Int(lengthPlusOne) - 1 }

    @inlinable
    package static var inlineByteCountMax: Int { 16 }

    /// The key's bytes, which lie in the entry itself when it is short.
    @inlinable
    @inline(__always)
    package static func key(of entry: UnsafePointer<SumEntry>) -> Bytes {
        let length = Int(entry.pointee.lengthPlusOne) - 1
        guard length > inlineByteCountMax else { return Bytes(start: entry, count: length) }
        return Bytes(start: UnsafeRawPointer(bitPattern: UInt(entry.pointee.high)), count: length)
    }
}

/// Sums by key: open addressing with linear probing, at most half full, keys inline or in an arena.
///
/// It holds up to a budget of bytes. When ``hasRoom`` is false and ``grow()`` refuses, whoever fills it takes the
/// entries out and empties it. It has no memory before it first grows: many a task counts nothing.
package struct SumTable: ~Copyable {
    private var memory = PageMemory()
    private(set) var mask: UInt64 = 0
    private(set) var arena = ByteArena()
    package private(set) var entryCount = 0
    /// A key whose sum did not fit into 64 bits.
    package private(set) var overflow: [UInt8]?
    /// The length of a word that is too long for a key.
    package private(set) var oversize: Int?
    private let capacityFirst: Int
    private let byteCountMax: Int
    /// Less than 0 as long as there is no memory.
    private var entryCountMax = -1
    private var arenaByteCountMax = 0

    /// So many keys can be added after ``hasRoom`` was true.
    static let headroom = 96
    private static let capacityMin = 256
    private static let capacityOrdinary = 1 << 16

    /// - Parameters:
    ///   - capacity: How many entries to begin with, a power of two; nil for as many as most texts have words, and fewer if
    ///     the budget is small.
    ///   - byteCountMax: The budget; too little for 512 entries counts as that.
    package init(capacity: Int? = nil, byteCountMax: Int) {
        self.byteCountMax = max(byteCountMax, 2 * SumTable.byteCount(capacity: SumTable.capacityMin))
        var capacity = capacity ?? SumTable.capacityOrdinary
        while SumTable.byteCount(capacity: capacity) > self.byteCountMax / 2 { capacity /= 2 }
        capacityFirst = capacity
    }

    var entries: UnsafeMutablePointer<SumEntry> { memory.start.assumingMemoryBound(to: SumEntry.self) }
    private var capacity: Int { memory.byteCount / MemoryLayout<SumEntry>.stride }

    private mutating func begin() {
        memory = PageMemory(byteCount: capacityFirst * MemoryLayout<SumEntry>.stride)
        mask = UInt64(capacityFirst - 1)
        setLimits()
    }

    private mutating func setLimits() {
        entryCountMax = capacity / 2 - SumTable.headroom
        arenaByteCountMax = byteCountMax - SumTable.byteCount(capacity: capacity)
    }

    /// What a table takes when it is as full as it may be: its entries, and two references for each that sorting takes.
    private static func byteCount(capacity: Int) -> Int {
        capacity * MemoryLayout<SumEntry>.stride + capacity / 2 * 2 * MemoryLayout<SortReference>.stride
    }

    @inline(__always)
    var hasRoom: Bool { entryCount <= entryCountMax && arena.byteCount <= arenaByteCountMax }

    /// Makes the table larger.
    /// - Returns: False when the budget does not allow that: the table must be emptied.
    mutating func grow() -> Bool {
        guard capacity > 0 else {
            begin()
            return true
        }
        guard arena.byteCount <= arenaByteCountMax else { return false }
        let old = capacity
        let allowed = [old * 4, old * 2].first { SumTable.byteCount(capacity: $0) + arena.byteCount <= byteCountMax }
        guard let allowed else { return false }
        let larger = PageMemory(byteCount: allowed * MemoryLayout<SumEntry>.stride)
        mask = UInt64(allowed - 1)
        let target = larger.start.assumingMemoryBound(to: SumEntry.self)
        for index in 0..<old where entries[index].lengthPlusOne != 0 {
            var place = SumTable.hash(of: entries[index]) & mask
            while target[Int(place)].lengthPlusOne != 0 { place = (place + 1) & mask }
            target[Int(place)] = entries[index]
        }
        memory = larger
        setLimits()
        return true
    }

    package mutating func removeAll() {
        memset(memory.start, 0, memory.byteCount)
        arena.removeAll()
        entryCount = 0
    }

    /// Calls `body` with the address of each entry, in no useful order.
    package func forEachEntry(_ body: (UnsafePointer<SumEntry>) -> Void) {
        for index in 0..<capacity where entries[index].lengthPlusOne != 0 { body(UnsafePointer(entries + index)) }
    }

    /// Adds to the sum of one key.
    /// - Precondition: ``hasRoom``.
    mutating func add(_ key: Bytes, _ amount: Int64) {
        guard let start = key.baseAddress, key.count > 0 else {
            addShort(mr_short_key(low: 0, high: 0), length: 0, hash: SumTable.shortHash(0, 0, 0), amount)
            return
        }
        if key.count <= SumEntry.inlineByteCountMax {
            let short = mr_load_short_key_exactly(start.assumingMemoryBound(to: UInt8.self), key.count)
            let hash = SumTable.shortHash(short.low, short.high, key.count)
            addShort(short, length: key.count, hash: hash, amount)
        } else {
            addLong(start, length: key.count, hash: SumTable.longHash(start, key.count), amount)
        }
    }

    @inline(__always)
    mutating func addShort(_ key: mr_short_key, length: Int, hash: UInt64, _ amount: Int64) {
        let table = entries
        let tag = UInt32(truncatingIfNeeded: length) &+ 1
        var place = hash & mask
        while true {
            let entry = table + Int(truncatingIfNeeded: place)
            if entry.pointee.low == key.low && entry.pointee.high == key.high && entry.pointee.lengthPlusOne == tag {
                return increase(entry, by: amount)
            }
            if entry.pointee.lengthPlusOne == 0 {
                entry.pointee = SumEntry(low: key.low, high: key.high, sum: amount, length: length)
                entryCount &+= 1
                return
            }
            place = (place &+ 1) & mask
        }
    }

    @inline(never)
    mutating func addLong(_ key: UnsafeRawPointer, length: Int, hash: UInt64, _ amount: Int64) {
        guard length <= DataLimits.keyByteCountMax else {
            oversize = length
            return
        }
        let table = entries
        var place = hash & mask
        while true {
            let entry = table + Int(truncatingIfNeeded: place)
            if entry.pointee.low == hash && entry.pointee.length == length,
                let known = UnsafeRawPointer(bitPattern: UInt(entry.pointee.high)), memcmp(known, key, length) == 0
            {
                return increase(entry, by: amount)
            }
            if entry.pointee.lengthPlusOne == 0 {
                let copy = arena.allocate(length)
                memcpy(copy, key, length)
                entry.pointee = SumEntry(low: hash, high: UInt64(UInt(bitPattern: copy)), sum: amount, length: length)
                entryCount &+= 1
                return
            }
            place = (place &+ 1) & mask
        }
    }

    @inline(__always)
    private mutating func increase(_ entry: UnsafeMutablePointer<SumEntry>, by amount: Int64) {
        let (sum, overflows) = entry.pointee.sum.addingReportingOverflow(amount)
        entry.pointee.sum = sum
        if overflows { overflow = overflow ?? [UInt8](SumEntry.key(of: entry)) }
    }
}

extension SumTable {
    private static func hash(of entry: SumEntry) -> UInt64 {
        entry.length > SumEntry.inlineByteCountMax ? entry.low : shortHash(entry.low, entry.high, entry.length)
    }

    @inline(__always)
    static func shortHash(_ low: UInt64, _ high: UInt64, _ length: Int) -> UInt64 {
        mr_mix(low ^ 0x9E37_79B9_7F4A_7C15, high ^ UInt64(truncatingIfNeeded: length) ^ 0xD1B5_4A32_D192_ED03)
    }

    static func longHash(_ key: UnsafeRawPointer, _ length: Int) -> UInt64 {
        var hash = UInt64(length) ^ 0x8CB9_2BA7_2F3D_8DD7
        var offset = 0
        while length - offset >= 8 {
            hash = mr_mix(hash ^ mr_load_8(key + offset), 0x9E37_79B9_7F4A_7C15)
            offset += 8
        }
        let rest = mr_load_up_to_8((key + offset).assumingMemoryBound(to: UInt8.self), length - offset)
        return mr_mix(hash ^ rest, 0xD1B5_4A32_D192_ED03)
    }
}
