import Foundation
import Objects
import TestSupport
import Testing

@Suite("Readers of objects")
struct ObjectReaderTests {
    /// Nothing fits, or all does.
    @Test("outlive that their key is deleted or holds something else", arguments: [0, 1 << 20])
    func outlive(memoryByteCountMax: Int) throws {
        let bench = try StoreInFolder(memoryByteCountMax: memoryByteCountMax)
        let store = bench.store
        let first = NumberedBytes.make(1, byteCount: 100_000)
        let second = NumberedBytes.make(2, byteCount: 50_000)
        try store.put(key("a"), tag: .bytes, bytes: first, replaces: false)
        let before = try #require(try store.reader(of: key("a")))
        #expect(before.isInMemory == (memoryByteCountMax > 0))
        #expect(try store.put(key("a"), tag: .bytes, bytes: second, replaces: true) == .replaced)
        let after = try #require(try store.reader(of: key("a")))
        #expect(try store.delete([key("a"), key("b"), key("a")]) == [key("a")])
        #expect(bench.fileNames.isEmpty && store.statistics.byteCount == 0)
        #expect(try before.bytes(byteCountMax: 100_000) == first)
        #expect(try after.bytes(byteCountMax: 100_000) == second)
        #expect(try store.reader(of: key("a")) == nil)
    }

    @Test("outlive that their object goes to a file")
    func outliveSpilling() throws {
        let bench = try StoreInFolder(memoryByteCountMax: 1_000)
        let store = bench.store
        let bytes = NumberedBytes.make(1, byteCount: 600)
        try store.put(key("a"), tag: .bytes, bytes: bytes, replaces: false)
        let before = try #require(try store.reader(of: key("a")))
        try store.put(key("b"), tag: .bytes, bytes: NumberedBytes.make(2, byteCount: 600), replaces: false)
        let after = try #require(try store.reader(of: key("a")))
        #expect(before.isInMemory && !after.isInMemory)
        #expect(store.statistics.memoryByteCount == 600 && store.statistics.spilledByteCount == 600)
        #expect(try before.bytes(byteCountMax: 600) == bytes)
        #expect(try after.bytes(byteCountMax: 600) == bytes)
    }

    @Test("outlive the store, whose files go with it")
    func outliveStore() throws {
        let folder = try TemporaryFolder()
        let bytes = NumberedBytes.make(1, byteCount: 5_000)
        var bench: StoreInFolder? = try StoreInFolder(memoryByteCountMax: 0, folder: folder.path)
        try bench?.store.put(key("a"), tag: .bytes, bytes: bytes, replaces: false)
        let body = try #require(try bench?.store.reader(of: key("a")))
        #expect(TemporaryFolder.names(in: folder.path).count == 1)
        bench = nil
        #expect(TemporaryFolder.names(in: folder.path).isEmpty)
        #expect(try body.bytes(byteCountMax: 5_000) == bytes)
    }

    @Test("refuse more at once than was asked for")
    func tooLong() throws {
        let bench = try StoreInFolder(memoryByteCountMax: 1_000)
        try bench.store.put(key("a"), tag: .value, bytes: [1, 2, 3], replaces: false)
        let body = try #require(try bench.store.reader(of: key("a")))
        #expect(throws: ObjectStoreError.tooLong(body.info, byteCountMax: 2)) { try body.bytes(byteCountMax: 2) }
    }

    @Test("notice a file that was changed or cut", arguments: [false, true])
    func damaged(isCut: Bool) throws {
        let bench = try StoreInFolder(memoryByteCountMax: 0)
        let store = bench.store
        try store.put(key("a"), tag: .bytes, bytes: NumberedBytes.make(1, byteCount: 5_000), replaces: false)
        let path = bench.folder + "/" + bench.fileNames[0]
        if isCut {
            try #require(truncate(path, 4_999) == 0)
        } else {
            let file = open(path, O_WRONLY)
            try #require(pwrite(file, "?!", 2, 2_500) == 2)
            close(file)
        }
        let body = try #require(try store.reader(of: key("a")))
        #expect(throws: ObjectStoreError.damaged(body.info)) { try body.bytes(byteCountMax: 5_000) }
        var range = [UInt8](repeating: 0, count: 10)
        #expect(try range.withUnsafeMutableBytes { try body.read(at: 0, into: $0) } == 10)
        // Deleted, and made again
        try store.delete([key("a")])
        try store.put(key("a"), tag: .bytes, bytes: [1], replaces: false)
        #expect(try store.bytes(of: key("a")) == [1])
    }

    @Test("have digests as they are defined: CRC-32C of 123456789 is e3069283")
    func digest() throws {
        #expect("\(ObjectDigest(of: Array("123456789".utf8)))" == "e3069283")
        #expect("\(ObjectDigest())" == "00000000")
        let bytes = NumberedBytes.make(3, byteCount: 20_011)
        #expect(ObjectDigest(of: bytes).checksum == plainChecksum(bytes))
        let bench = try StoreInFolder(memoryByteCountMax: 1 << 20)
        try bench.store.put(key("a"), tag: .bytes, bytes: bytes, replaces: false)
        #expect(try bench.store.info(of: key("a"))?.digest.checksum == plainChecksum(bytes))
    }
}
