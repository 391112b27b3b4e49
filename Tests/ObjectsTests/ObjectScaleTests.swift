import DataProtocol
import Foundation
import Objects
import Synchronization
import TestSupport
import Testing

@Suite("Many objects, large ones, and many threads")
struct ObjectScaleTests {
    @Test("100,000 keys are put in any order, paged in theirs, and half of them deleted")
    func manyKeys() throws {
        let bench = try StoreInFolder(memoryByteCountMax: 1 << 30)
        let store = bench.store
        var random = SplitMix64(seed: 5)
        let names = (0..<100_000).map { [UInt8]("task-\(($0 * 7_919) % 100_003)".utf8) }
        for name in names.shuffled(using: &random) {
            try store.put(ObjectKey(name), tag: .bytes, bytes: name, replaces: false)
        }
        let sorted = try SortOpinion()(names, "")
        // Compared first: a difference of a hundred thousand keys is not to be printed.
        let isSorted = try Self.allKeys(of: store, limit: 9_999).map(\.bytes) == sorted
        #expect(isSorted)
        let odd = sorted.indices.filter { $0 % 2 == 1 }.map { sorted[$0] }
        let deleted = try store.delete(odd.map { try ObjectKey($0) })
        let isOdd = deleted.map(\.bytes) == odd
        #expect(isOdd)
        let even = sorted.indices.filter { $0 % 2 == 0 }.map { sorted[$0] }
        let isEven = try Self.allKeys(of: store, limit: 10_000).map(\.bytes) == even
        #expect(isEven)
        // A page after a key that is gone
        #expect(try store.keys(after: ObjectKey(odd[100]), limit: 1).map(\.bytes) == [even[101]])
        for name in even.shuffled(using: &random).prefix(1_000) {
            #expect(try store.bytes(of: ObjectKey(name)) == name)
        }
        #expect(store.statistics.count == 50_000)
        try #expect(store.delete(even.map { try ObjectKey($0) }).count == 50_000)
        #expect(store.keys(limit: 1).isEmpty && store.statistics.byteCount == 0)
    }

    private static func allKeys(of store: ObjectStore, limit: Int) throws -> [ObjectKey] {
        var found: [ObjectKey] = []
        while true {
            let page = store.keys(after: found.last, limit: limit)
            found += page
            if page.count < limit { return found }
            try #require(found.count <= store.statistics.count, "pages never end")
        }
    }

    @Test("No more objects than the limit are taken, and replacing needs none")
    func countMax() throws {
        let bench = try StoreInFolder(memoryByteCountMax: 100, countMax: 3)
        for number in 0..<3 { try bench.store.put(key("\(number)"), tag: .bytes, bytes: [1], replaces: false) }
        #expect(throws: ObjectStoreError.tooManyObjects(countMax: 3)) {
            try bench.store.put(key("3"), tag: .bytes, bytes: [1], replaces: false)
        }
        #expect(try bench.store.put(key("2"), tag: .bytes, bytes: [2], replaces: true) == .replaced)
        try bench.store.delete([key("0")])
        try bench.store.put(key("3"), tag: .bytes, bytes: [1], replaces: false)
    }

    @Test("256 MB of objects of all sizes under a limit of 32 MB take the memory of the limit, not theirs")
    func largeData() async {
        await #expect(processExitsWith: .success) {
            let limit = 32 << 20
            let bench = try StoreInFolder(memoryByteCountMax: limit)
            let memory = try PeakMemory()
            let sizes = [100_000, 1 << 20, 3_000_000, 40_000, 700_000]
            var total = 0
            var count = 0
            while total < 256 << 20 {
                let bytes = ObjectScaleTests.content(count, byteCount: sizes[count % 5])
                if count % 3 == 0 {
                    let writer = try bench.store.makeWriter(key("\(count)"), tag: .bytes, replaces: false)
                    while writer.byteCount < bytes.count {
                        let from = writer.byteCount
                        try writer.append(Array(bytes[from..<min(bytes.count, from + 65_536)]), at: from)
                    }
                    try writer.finish()
                } else {
                    try bench.store.put(key("\(count)"), tag: .bytes, bytes: bytes, replaces: false)
                }
                total += bytes.count
                count += 1
            }
            #expect(bench.store.statistics.byteCount == total && bench.store.statistics.memoryByteCount <= limit)
            for number in 0..<count {
                let bytes = try #require(try bench.store.bytes(of: key("\(number)")))
                let isRight = bytes == ObjectScaleTests.content(number, byteCount: sizes[number % 5])
                #expect(isRight)
            }
            let growth = try memory.growth()
            #expect(growth < limit * 3 / 2 + (8 << 20), "\(growth >> 20) MiB")
        }
    }

    /// Different for each number.
    private static func content(_ number: Int, byteCount: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: byteCount)
        withUnsafeBytes(of: number) { bytes.replaceSubrange(0..<8, with: $0) }
        return bytes
    }

    @Test(
        "Threads that put, replace, read and delete the same keys see whole objects only", arguments: [2_000, 40_000])
    func threads(memoryByteCountMax: Int) throws {
        let bench = try StoreInFolder(memoryByteCountMax: memoryByteCountMax)
        let store = bench.store
        let troubles = Troubles()
        onThreads(6) { thread in
            var random = SplitMix64(seed: UInt64(thread))
            for step in 0..<1_500 {
                do {
                    try Self.step(store, thread, step, &random)
                } catch {
                    troubles.add("thread \(thread), step \(step): \(error)")
                }
                let memoryByteCount = store.statistics.memoryByteCount
                if memoryByteCount > memoryByteCountMax {
                    troubles.add("\(memoryByteCount) bytes in memory")
                }
            }
        }
        #expect(troubles.all.prefix(5) == [])
        // What is left is whole, and all that is counted
        var byteCount = 0
        for key in store.keys(limit: 100) {
            let bytes = try #require(try store.bytes(of: key))
            #expect(NumberedBytes.number(of: bytes) != nil)
            byteCount += bytes.count
        }
        #expect(store.statistics.byteCount == byteCount)
        #expect(bench.files.reduce(0) { $0 + $1.byteCount } == store.statistics.spilledByteCount)
        store.delete(store.keys(limit: 100))
        #expect(bench.fileNames.isEmpty)
        #expect(store.statistics.byteCount == 0 && store.statistics.writerCount == 0)
    }

    /// What threads have found.
    private final class Troubles: Sendable {
        private let list = Mutex<[String]>([])
        var all: [String] { list.withLock { $0 } }
        func add(_ trouble: String) { list.withLock { $0.append(trouble) } }
    }

    private struct NotWhole: Error {}

    private static func step(
        _ store: ObjectStore, _ thread: Int, _ step: Int, _ random: inout SplitMix64
    ) throws {
        let key = try key("\(random.number(in: 0...15))")
        switch random.number(in: 0...5) {
        case 0...1:
            let bytes = NumberedBytes.make(thread << 16 | step, byteCount: random.number(in: 8...1_500))
            do {
                try store.put(key, tag: .bytes, bytes: bytes, replaces: random.happens(0.7))
            } catch {
                guard error.remedy == .replace else { throw error }
            }
        case 2:
            let writer = try store.makeWriter(key, tag: .bytes, replaces: true)
            let bytes = NumberedBytes.make(thread << 16 | step, byteCount: random.number(in: 8...1_500))
            try writer.append(Array(bytes.prefix(700)), at: 0)
            try writer.append(Array(bytes.dropFirst(700)), at: writer.byteCount)
            try writer.finish()
        case 3 where random.happens(0.3): store.delete([key])
        default:
            guard let bytes = try store.bytes(of: key) else { return }
            guard NumberedBytes.number(of: bytes) != nil else { throw NotWhole() }
        }
    }
}
