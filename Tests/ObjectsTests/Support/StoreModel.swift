import DataProtocol
import Objects

/// What a store is to hold: a dictionary, and lists that are searched.
struct StoreModel {
    struct Object: Equatable {
        var tag: ObjectTag
        var bytes: [UInt8]
    }

    let memoryByteCountMax: Int
    private(set) var objects: [ObjectKey: Object] = [:]
    /// In memory, in the order of their last use.
    private(set) var inMemory: [ObjectKey] = []

    init(memoryByteCountMax: Int) { self.memoryByteCountMax = memoryByteCountMax }

    var byteCount: Int { objects.values.reduce(0) { $0 + $1.bytes.count } }
    var memoryByteCount: Int { inMemory.reduce(0) { $0 + byteCount(of: $1) } }

    mutating func put(_ key: ObjectKey, _ object: Object, isFile: Bool = false) {
        guard objects[key] != object else { return }
        let size = object.bytes.count
        var isInMemory = !isFile && size <= memoryByteCountMax
        while isInMemory {
            let others = inMemory.filter { $0 != key }
            if others.reduce(size, { $0 + byteCount(of: $1) }) <= memoryByteCountMax { break }
            if let oldest = others.first(where: { byteCount(of: $0) > 0 }) {
                inMemory.removeAll { $0 == oldest }
            } else {
                isInMemory = false
            }
        }
        delete(key)
        objects[key] = object
        if isInMemory { inMemory.append(key) }
    }

    /// For an object that is to come, beside whatever its key holds.
    mutating func makeRoom(for byteCount: Int) {
        guard byteCount <= memoryByteCountMax else { return }
        while memoryByteCount + byteCount > memoryByteCountMax,
            let oldest = inMemory.first(where: { self.byteCount(of: $0) > 0 })
        {
            inMemory.removeAll { $0 == oldest }
        }
    }

    mutating func use(_ key: ObjectKey) {
        guard let index = inMemory.firstIndex(of: key) else { return }
        inMemory.append(inMemory.remove(at: index))
    }

    mutating func delete(_ key: ObjectKey) {
        objects[key] = nil
        inMemory.removeAll { $0 == key }
    }

    private func byteCount(of key: ObjectKey) -> Int { objects[key]?.bytes.count ?? 0 }
}
