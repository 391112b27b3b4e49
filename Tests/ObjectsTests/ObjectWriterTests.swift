import Objects
import TestSupport
import Testing

@Suite("Objects that come in pieces")
struct ObjectWriterTests {
    @Test(
        "are what their pieces are, whole and in order, and nobody sees them before",
        arguments: [0, 8, 1_000, 1 << 20, (1 << 20) + 1, 3_000_000], [0, 1 << 16, 64 << 20])
    func pieces(byteCount: Int, memoryByteCountMax: Int) throws {
        let bench = try StoreInFolder(memoryByteCountMax: memoryByteCountMax)
        let store = bench.store
        let bytes = byteCount < 8 ? [] : NumberedBytes.make(7, byteCount: byteCount)
        let writer = try store.makeWriter(key("a"), tag: .bytes, replaces: false)
        var random = SplitMix64(seed: UInt64(byteCount))
        while writer.byteCount < byteCount {
            let from = writer.byteCount
            let piece = bytes[from..<min(byteCount, from + random.number(in: 0...200_000))]
            try writer.append(Array(piece), at: from)
            #expect(try !store.contains(key("a")) && store.statistics.count == 0)
        }
        let isFile = byteCount > min(1 << 20, memoryByteCountMax / 4)
        #expect(bench.fileNames.count == (isFile ? 1 : 0))
        #expect(store.statistics.writerByteCount == (isFile ? 0 : byteCount))
        #expect(store.statistics.writerCount == 1)
        #expect(try writer.finish(expectedDigest: ObjectDigest(checksum: plainChecksum(bytes))) == .added)
        #expect(try store.bytes(of: key("a")) == bytes)
        #expect(store.statistics.writerByteCount == 0 && store.statistics.writerCount == 0)
        #expect(store.statistics.byteCount == byteCount)
        #expect(bench.files.reduce(0) { $0 + $1.byteCount } == store.statistics.spilledByteCount)
        #expect(bench.files.allSatisfy { $0.mode == 0o100600 })
        #expect(throws: ObjectStoreError.writerClosed(try key("a"))) { try writer.append([1], at: byteCount) }
        #expect(throws: ObjectStoreError.writerClosed(try key("a"))) { try writer.finish() }
    }

    @Test("go on where they were cut, and nowhere else", arguments: [1_000, 3_000_000])
    func resumed(byteCount: Int) throws {
        let bench = try StoreInFolder(memoryByteCountMax: 64 << 20)
        let bytes = NumberedBytes.make(8, byteCount: byteCount)
        let writer = try bench.store.makeWriter(key("a"), tag: .value, replaces: false)
        let cut = byteCount * 2 / 3
        try writer.append(Array(bytes[..<cut]), at: 0)
        for offset in [0, cut - 1, cut + 1, byteCount] {
            #expect(throws: ObjectStoreError.wrongOffset(try key("a"), offset: offset, byteCount: cut)) {
                try writer.append(Array(bytes[cut...]), at: offset)
            }
        }
        #expect(writer.byteCount == cut)
        try writer.append(Array(bytes[cut...]), at: writer.byteCount)
        try writer.finish()
        #expect(try bench.store.bytes(of: key("a")) == bytes)
        #expect(try bench.store.info(of: key("a"))?.tag == .value)
    }

    @Test(
        "with another digest than announced are forgotten, and the key holds what it held", arguments: [100, 2_000_000])
    func wrongDigest(byteCount: Int) throws {
        let bench = try StoreInFolder(memoryByteCountMax: 64 << 20)
        try bench.store.put(key("a"), tag: .bytes, bytes: [1, 2, 3], replaces: false)
        let bytes = NumberedBytes.make(9, byteCount: byteCount)
        let writer = try bench.store.makeWriter(key("a"), tag: .bytes, replaces: true)
        try writer.append(bytes, at: 0)
        let found = ObjectDigest(of: bytes)
        let expected = ObjectDigest(checksum: found.checksum ^ 1)
        let error = ObjectStoreError.wrongDigest(
            try key("a"), byteCount: byteCount, expected: expected, found: found)
        #expect(throws: error) { try writer.finish(expectedDigest: expected) }
        #expect(error.remedy == .sendAgain)
        #expect(throws: ObjectStoreError.writerClosed(try key("a"))) { try writer.finish(expectedDigest: found) }
        #expect(bench.fileNames.isEmpty && bench.store.statistics.writerCount == 0)
        #expect(try bench.store.bytes(of: key("a")) == [1, 2, 3])
    }

    @Test("can be finished again when the key that held something else is free", arguments: [100, 2_000_000])
    func held(byteCount: Int) throws {
        let bench = try StoreInFolder(memoryByteCountMax: 64 << 20)
        let store = bench.store
        let bytes = NumberedBytes.make(10, byteCount: byteCount)
        let writer = try store.makeWriter(key("a"), tag: .bytes, replaces: false)
        try writer.append(bytes, at: 0)
        try store.put(key("a"), tag: .bytes, bytes: [1], replaces: false)
        let info = try #require(try store.info(of: key("a")))
        #expect(throws: ObjectStoreError.held(try key("a"), by: info)) { try writer.finish() }
        try store.delete([key("a")])
        #expect(try writer.finish() == .added)
        #expect(try store.bytes(of: key("a")) == bytes)
    }

    @Test("leave nothing when they are abandoned, or nobody has their writer any more", arguments: [100, 2_000_000])
    func abandoned(byteCount: Int) throws {
        let bench = try StoreInFolder(memoryByteCountMax: 64 << 20)
        let bytes = NumberedBytes.make(11, byteCount: byteCount)
        for abandons in [true, false] {
            var writer: ObjectWriter? = try bench.store.makeWriter(key("a"), tag: .bytes, replaces: false)
            try writer?.append(bytes, at: 0)
            #expect(bench.store.statistics.writerCount == 1)
            if abandons { writer?.abandon() } else { writer = nil }
            #expect(bench.store.statistics.writerCount == 0 && bench.store.statistics.writerByteCount == 0)
            #expect(bench.fileNames.isEmpty && bench.store.statistics.count == 0)
        }
    }

    @Test("take a quarter of the memory limit together, and are limited in number")
    func together() throws {
        let bench = try StoreInFolder(memoryByteCountMax: 4_000, writerCountMax: 5)
        let writers = try (0..<5).map { number in
            let writer = try bench.store.makeWriter(key("\(number)"), tag: .bytes, replaces: false)
            try writer.append(NumberedBytes.make(number, byteCount: 300), at: 0)
            return writer
        }
        #expect(bench.store.statistics.writerByteCount == 900 && bench.fileNames.count == 2)
        #expect(throws: ObjectStoreError.tooManyWriters(countMax: 5)) {
            try bench.store.makeWriter(key("5"), tag: .bytes, replaces: false)
        }
        for writer in writers { try writer.finish() }
        for number in 0..<5 {
            #expect(try NumberedBytes.number(of: bench.store.bytes(of: key("\(number)")) ?? []) == number)
        }
        #expect(throws: Never.self) { try bench.store.makeWriter(key("5"), tag: .bytes, replaces: false) }
    }

    @Test("of known length have memory for all of them, for which others make way, and which nobody else gets")
    func announced() throws {
        let bench = try StoreInFolder(memoryByteCountMax: 4_000_000)
        let store = bench.store
        for number in 0..<4 {
            try store.put(
                key("\(number)"), tag: .bytes, bytes: NumberedBytes.make(number, byteCount: 900_000), replaces: false)
        }
        let bytes = NumberedBytes.make(9, byteCount: 3_000_000)
        let writer = try store.makeWriter(key("a"), tag: .bytes, byteCount: bytes.count, replaces: false)
        #expect(store.statistics.reservedByteCount == 3_000_000)
        #expect(store.statistics.memoryByteCount == 900_000 && bench.fileNames.count == 3)
        // What comes meanwhile takes what is left, and no more.
        try store.put(key("b"), tag: .bytes, bytes: NumberedBytes.make(5, byteCount: 950_000), replaces: false)
        #expect(store.statistics.memoryByteCount == 950_000 && bench.fileNames.count == 4)
        let other = try store.makeWriter(key("c"), tag: .bytes, byteCount: 1_100_000, replaces: false)
        #expect(store.statistics.reservedByteCount == 3_000_000, "there is no memory for this one")
        other.abandon()
        while writer.byteCount < bytes.count {
            let from = writer.byteCount
            try writer.append(Array(bytes[from..<min(bytes.count, from + 400_000)]), at: from)
        }
        #expect(store.statistics.writerByteCount == 0 && bench.fileNames.count == 4)
        #expect(try writer.content().bytes(byteCountMax: bytes.count) == bytes)
        #expect(try !store.contains(key("a")))
        try writer.finish(expectedDigest: ObjectDigest(checksum: plainChecksum(bytes)))
        #expect(store.statistics.reservedByteCount == 0 && store.statistics.memoryByteCount == 3_950_000)
        let body = try #require(try store.reader(of: key("a")))
        #expect(body.isInMemory)
        #expect(try body.bytes(byteCountMax: bytes.count) == bytes)
    }

    @Test("of another length than was announced are what has come", arguments: [0, 1_000, 30_000, 90_000, 2_000_000])
    func otherLength(byteCount: Int) throws {
        let bench = try StoreInFolder(memoryByteCountMax: 100_000)
        let bytes = byteCount < 8 ? [] : NumberedBytes.make(3, byteCount: byteCount)
        let writer = try bench.store.makeWriter(key("a"), tag: .bytes, byteCount: 40_000, replaces: false)
        while writer.byteCount < byteCount {
            let from = writer.byteCount
            try writer.append(Array(bytes[from..<min(byteCount, from + 7_000)]), at: from)
        }
        try writer.finish(expectedDigest: ObjectDigest(checksum: plainChecksum(bytes)))
        #expect(try bench.store.bytes(of: key("a")) == bytes)
        let statistics = bench.store.statistics
        #expect(statistics.reservedByteCount == 0 && statistics.writerByteCount == 0)
        #expect(statistics.memoryByteCount == (byteCount > 40_000 ? 0 : byteCount))
    }

    @Test("of known length give their memory back when they are given up", arguments: [true, false])
    func announcedAndAbandoned(abandons: Bool) throws {
        let bench = try StoreInFolder(memoryByteCountMax: 1_000_000)
        var writer: ObjectWriter? = try bench.store.makeWriter(
            key("a"), tag: .bytes, byteCount: 700_000, replaces: false)
        try writer?.append([1, 2, 3], at: 0)
        #expect(bench.store.statistics.reservedByteCount == 700_000)
        if abandons { writer?.abandon() } else { writer = nil }
        #expect(bench.store.statistics.reservedByteCount == 0 && bench.store.statistics.writerCount == 0)
    }
}
