import DataProtocol

/// Which keys hold what, and what is in memory: decisions only. The store owns it behind its lock, and does outside of that
/// what it says.
///
///     memory ──makeRoom──▶ leaving ──spilled──▶ file
///        ▲                   │
///        └──── spillFailed ──┘
///
/// - Complexity: No operation takes time in proportion to the number of objects.
struct ObjectTable {
    enum Content {
        case memory([UInt8])
        /// Being written to a file by some thread, and in memory until it is.
        case leaving([UInt8])
        case file(ObjectFile)
    }

    private struct Slot {
        let key: ObjectKey
        let info: ObjectInfo
        /// Which putting it came with: no other object's, also of the same key.
        let number: UInt64
        var content: Content
    }

    /// An object that is to be written to a file.
    struct Spill {
        fileprivate let place: Int
        fileprivate let number: UInt64
        let bytes: [UInt8]
    }

    /// What is to be done with an object that came.
    enum Admission {
        /// - Parameter dropped: What was replaced; let go of outside of the lock.
        case settled(ObjectPut, dropped: Content?)
        /// Another object must go to a file first; then ask again.
        case makeRoom(Spill)
        /// There is no room in memory for this one: put it as a file.
        case writeOut
    }

    private let limits: ObjectLimits
    private var slots: [Slot?] = []
    private var freePlaces: [Int] = []
    private var places: [ObjectKey: Int] = [:]
    private var order = KeyOrder()
    /// Of those in memory that a file would make room for.
    private var recency = RecencyList()
    private var lastNumber: UInt64 = 0
    private var memoryByteCount = 0
    private var spilledByteCount = 0
    /// Memory that objects on their way here will take: nothing else gets it.
    private var reservedByteCount = 0
    private var writerCount = 0
    private var writerByteCount = 0

    init(limits: ObjectLimits) { self.limits = limits }
}

// MARK: - Putting

extension ObjectTable {
    /// - Parameter reserved: How much memory was reserved for the object: none, or all that it takes. It is given back when
    ///   this settles.
    mutating func admit(
        _ key: ObjectKey, _ info: ObjectInfo, _ bytes: [UInt8], replaces: Bool, reserved: Int = 0
    ) throws(ObjectStoreError) -> Admission {
        precondition(reserved == 0 || reserved == info.byteCount, "the memory of \(info) is reserved in part")
        if try holdsAlready(key, info, replaces: replaces) {
            reservedByteCount -= reserved
            return .settled(.unchanged, dropped: nil)
        }
        guard info.byteCount <= limits.memoryByteCountMax else { return .writeOut }
        let place = places[key]
        let replaced = place.map(memoryByteCount(at:)) ?? 0
        if takenByteCount - reserved - replaced + info.byteCount <= limits.memoryByteCountMax {
            reservedByteCount -= reserved
            return set(key, info, .memory(bytes))
        }
        return makeRoom(sparing: place).map(Admission.makeRoom) ?? .writeOut
    }

    mutating func admit(
        _ key: ObjectKey, _ info: ObjectInfo, _ file: ObjectFile, replaces: Bool
    ) throws(ObjectStoreError) -> Admission {
        if try holdsAlready(key, info, replaces: replaces) { return .settled(.unchanged, dropped: nil) }
        return set(key, info, .file(file))
    }

    /// - Throws: When the object can't be put, whatever room there is.
    func holdsAlready(_ key: ObjectKey, _ info: ObjectInfo, replaces: Bool) throws(ObjectStoreError) -> Bool {
        guard let held = self.info(of: key) else {
            guard places.count < limits.countMax else { throw .tooManyObjects(countMax: limits.countMax) }
            return false
        }
        if held == info { return true }
        guard replaces else { throw .held(key, by: held) }
        return false
    }

    private mutating func set(_ key: ObjectKey, _ info: ObjectInfo, _ content: Content) -> Admission {
        lastNumber += 1
        let slot = Slot(key: key, info: info, number: lastNumber, content: content)
        let old = places[key]
        let place = old ?? freePlaces.popLast() ?? slots.count
        let dropped = old.map { forget($0) }
        if place == slots.count { slots.append(slot) } else { slots[place] = slot }
        if old == nil {
            places[key] = place
            order.insert(key)
        }
        if case .file = content {
            spilledByteCount += info.byteCount
        } else {
            memoryByteCount += info.byteCount
            if info.byteCount > 0 { recency.addMostRecent(place) }
        }
        return .settled(old == nil ? .added : .replaced, dropped: dropped)
    }

    /// Takes what a place holds out of the sums and the list; the place itself stays.
    private mutating func forget(_ place: Int) -> Content {
        let slot = self[place]
        if recency.contains(place) { recency.remove(place) }
        if case .file = slot.content {
            spilledByteCount -= slot.info.byteCount
        } else {
            memoryByteCount -= slot.info.byteCount
        }
        return slot.content
    }

    private var takenByteCount: Int { memoryByteCount + reservedByteCount }

    private func memoryByteCount(at place: Int) -> Int {
        if case .file = self[place].content { 0 } else { self[place].info.byteCount }
    }

    private subscript(place: Int) -> Slot {
        guard let slot = slots[place] else { preconditionFailure("place \(place) of the table is empty") }
        return slot
    }
}

// MARK: - Spilling

extension ObjectTable {
    /// - Parameter spared: About to be replaced, and so no gain.
    private mutating func makeRoom(sparing spared: Int?) -> Spill? {
        var least = recency.leastRecent
        if let place = least, place == spared { least = recency.moreRecent(than: place) }
        guard let place = least, case .memory(let bytes) = self[place].content else { return nil }
        recency.remove(place)
        slots[place]?.content = .leaving(bytes)
        return Spill(place: place, number: self[place].number, bytes: bytes)
    }

    /// - Returns: What is to be let go of outside of the lock: the file, if the object is no longer there.
    mutating func spilled(_ spill: Spill, to file: ObjectFile) -> Content {
        guard isThere(spill) else { return .file(file) }
        slots[spill.place]?.content = .file(file)
        memoryByteCount -= spill.bytes.count
        spilledByteCount += spill.bytes.count
        return .leaving(spill.bytes)
    }

    mutating func spillFailed(_ spill: Spill) {
        guard isThere(spill) else { return }
        slots[spill.place]?.content = .memory(spill.bytes)
        recency.addLeastRecent(spill.place)
    }

    private func isThere(_ spill: Spill) -> Bool { slots[spill.place]?.number == spill.number }
}

// MARK: - Looking

extension ObjectTable {
    func contains(_ key: ObjectKey) -> Bool { places[key] != nil }

    func info(of key: ObjectKey) -> ObjectInfo? { places[key].map { self[$0].info } }

    /// What a key holds; it counts as used.
    mutating func use(_ key: ObjectKey) -> (info: ObjectInfo, content: Content)? {
        guard let place = places[key] else { return nil }
        if recency.contains(place) {
            recency.remove(place)
            recency.addMostRecent(place)
        }
        let slot = self[place]
        return (slot.info, slot.content)
    }

    func keys(after key: ObjectKey?, limit: Int) -> [ObjectKey] { order.keys(after: key, limit: limit) }

    var statistics: ObjectStatistics {
        ObjectStatistics(
            count: places.count, memoryByteCount: memoryByteCount, spilledByteCount: spilledByteCount,
            memoryByteCountMax: limits.memoryByteCountMax, reservedByteCount: reservedByteCount,
            writerCount: writerCount, writerByteCount: writerByteCount)
    }

    /// - Returns: What it held, to be let go of outside of the lock; nil where it was not there.
    mutating func delete(_ key: ObjectKey) -> Content? {
        guard let place = places.removeValue(forKey: key) else { return nil }
        order.remove(key)
        let content = forget(place)
        slots[place] = nil
        freePlaces.append(place)
        return content
    }
}

// MARK: - Writers

extension ObjectTable {
    mutating func openWriter() throws(ObjectStoreError) {
        guard writerCount < limits.writerCountMax else { throw .tooManyWriters(countMax: limits.writerCountMax) }
        writerCount += 1
    }

    /// Whether there is memory for an object that is on its way.
    enum Reservation {
        case reserved
        /// Another object must go to a file first; then ask again.
        case makeRoom(Spill)
        case none
    }

    mutating func reserveRoom(_ byteCount: Int) -> Reservation {
        if takenByteCount + byteCount <= limits.memoryByteCountMax {
            reservedByteCount += byteCount
            return .reserved
        }
        // However much is spilled, what others have reserved stays theirs.
        guard reservedByteCount + byteCount <= limits.memoryByteCountMax else { return .none }
        return makeRoom(sparing: nil).map(Reservation.makeRoom) ?? .none
    }

    mutating func giveBackRoom(_ byteCount: Int) {
        reservedByteCount -= byteCount
        precondition(reservedByteCount >= 0, "more is given back than was reserved")
    }

    /// - Returns: Whether a writer of an object whose length nobody knows may keep so many more bytes in memory.
    mutating func reserve(_ byteCount: Int) -> Bool {
        guard writerByteCount + byteCount <= limits.writerByteCountMax else { return false }
        writerByteCount += byteCount
        return true
    }

    mutating func release(_ byteCount: Int) { writerByteCount -= byteCount }

    mutating func closeWriter() { writerCount -= 1 }
}
