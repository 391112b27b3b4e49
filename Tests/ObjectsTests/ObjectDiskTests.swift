import Foundation
import Objects
import TestSupport
import Testing

@Suite(
    "A full disk under an object store", .enabled(if: SmallDisk.canMount, "needs root and the right to mount a tmpfs"))
struct FullDiskTests {
    private let disk: SmallDisk
    private let bench: StoreInFolder
    private var store: ObjectStore { bench.store }

    init() throws {
        disk = try SmallDisk(byteCount: 4 << 20)
        bench = try StoreInFolder(memoryByteCountMax: 1_000_000, folder: disk.path)
    }

    private func put(_ number: Int, byteCount: Int = 300_000) throws {
        try store.put(
            key("\(number)"), tag: .bytes, bytes: NumberedBytes.make(number, byteCount: byteCount), replaces: true)
    }

    private func expectAll(_ numbers: Range<Int>) throws {
        for number in numbers {
            let bytes = try #require(try store.bytes(of: key("\(number)")), "\(number) is gone")
            #expect(NumberedBytes.number(of: bytes) == number)
        }
    }

    @Test("fails what is put and loses nothing, in memory or in files; with room again it goes on")
    func full() throws {
        var count = 0
        #expect(throws: ObjectStoreError.diskFull(folder: disk.path, byteCount: 300_000)) {
            while count < 100 {
                try put(count)
                count += 1
            }
        }
        #expect(count > 10)
        // The one that was to make room stays in memory.
        #expect(store.statistics.memoryByteCount == 900_000 && store.statistics.count == count)
        #expect(try !store.contains(key("\(count)")))
        try expectAll(0..<count)
        #expect(bench.files.reduce(0) { $0 + $1.byteCount } == store.statistics.spilledByteCount, "no half files")
        // Too large for memory
        #expect(throws: ObjectStoreError.diskFull(folder: disk.path, byteCount: 1_500_000)) {
            try put(count, byteCount: 1_500_000)
        }
        // Other content for a key that is there
        #expect(throws: ObjectStoreError.self) { try put(count - 1, byteCount: 600_000) }
        try expectAll(0..<count)
        try put(count, byteCount: 50_000)
        try store.delete([key("0"), key("1")])
        try put(0)
        try put(1, byteCount: 200_000)
        try expectAll(0..<count + 1)
        // Whoever could not leave can now, and is not forgotten in memory.
        try store.delete((0..<count - 3).map { try key("\($0)") })
        for number in 0..<3 { try put(number) }
        #expect(store.statistics.memoryByteCount == 950_000)
        for number in 0..<count where number < 3 || number >= count - 3 {
            let body = try #require(try store.reader(of: key("\(number)")))
            #expect(body.isInMemory == (number < 3), "\(number)")
        }
    }

    @Test("stops a writer, which goes on when there is room")
    func writer() throws {
        try disk.fill(leaving: 2_000_000)
        let bytes = NumberedBytes.make(1, byteCount: 3_000_000)
        let writer = try store.makeWriter(key("1"), tag: .bytes, replaces: false)
        let error = #expect(throws: ObjectStoreError.self) {
            while writer.byteCount < bytes.count {
                let from = writer.byteCount
                try writer.append(Array(bytes[from..<from + 500_000]), at: from)
            }
        }
        #expect(error == .diskFull(folder: disk.path, byteCount: 500_000))
        #expect(error?.remedy == .makeRoom)
        #expect(writer.byteCount == 1_500_000)
        disk.free()
        try writer.append(Array(bytes[1_500_000...]), at: writer.byteCount)
        try writer.finish(expectedDigest: ObjectDigest(checksum: plainChecksum(bytes)))
        #expect(try store.bytes(of: key("1")) == bytes)
    }

    @Test("leaves a finished writer as it is, to be finished again")
    func finish() throws {
        for number in 0..<3 { try put(number) }
        try disk.fill(leaving: 4_096)
        let bytes = NumberedBytes.make(3, byteCount: 240_000)
        let writer = try store.makeWriter(key("3"), tag: .bytes, replaces: false)
        try writer.append(bytes, at: 0)
        #expect(throws: ObjectStoreError.diskFull(folder: disk.path, byteCount: 300_000)) { try writer.finish() }
        try expectAll(0..<3)
        disk.free()
        #expect(try writer.finish() == .added)
        try expectAll(0..<4)
    }
}

@Suite("The folder of an object store")
struct ObjectFolderTests {
    @Test("must be there, and no file of somebody else is touched")
    func leftFiles() throws {
        #expect(throws: ObjectStoreError.self) { try StoreInFolder(memoryByteCountMax: 0, folder: "/nonexistent") }
        let folder = try TemporaryFolder()
        for number in 0...3 { folder.write("object-\(number)", "left") }
        let bench = try StoreInFolder(memoryByteCountMax: 0, folder: folder.path)
        #expect(throws: ObjectStoreError.self) {
            try bench.store.put(key("a"), tag: .bytes, bytes: [1], replaces: false)
        }
        #expect(TemporaryFolder.names(in: folder.path) == (0...3).map { "object-\($0)" })
        #expect(bench.files.allSatisfy { $0.byteCount == 4 })
    }

    @Test("has names that keys have no part in")
    func names() throws {
        let bench = try StoreInFolder(memoryByteCountMax: 0)
        for name in ["../escape", "/tmp/x", "a\0b", "object-7", "."] {
            try bench.store.put(key(name), tag: .bytes, bytes: Array(name.utf8), replaces: false)
        }
        #expect(bench.fileNames.count == 5 && bench.fileNames.allSatisfy { $0.wholeMatch(of: /object-[0-9]+/) != nil })
        for name in ["../escape", "/tmp/x", "a\0b", "object-7", "."] {
            #expect(try bench.store.bytes(of: key(name)) == Array(name.utf8))
        }
    }

    @Test("takes descriptors only for readers: without any, files stay and are read later")
    func descriptors() async {
        await #expect(processExitsWith: .success) {
            let bench = try StoreInFolder(memoryByteCountMax: 0)
            try allowDescriptors(12)
            for number in 0..<200 {
                try bench.store.put(
                    key("\(number)"), tag: .bytes, bytes: NumberedBytes.make(number, byteCount: 100), replaces: false)
            }
            var readers: [ObjectBody] = []
            let error = #expect(throws: ObjectStoreError.self) {
                for number in 0..<200 { readers += try [bench.store.reader(of: key("\(number)"))].compactMap(\.self) }
            }
            let count = readers.count
            readers = []
            #expect(error == .noDescriptors(folder: bench.folder, action: "open"))
            // The testing library may take one.
            #expect(8...12 ~= count)
            for number in 0..<200 {
                #expect(try NumberedBytes.number(of: bench.store.bytes(of: key("\(number)")) ?? []) == number)
            }
        }
    }
}
