import DataProtocol
import Objects
import TestSupport
import Testing

/// The store beside a dictionary, under random operations.
@Suite("An object store behaves as a dictionary that knows which objects are in memory")
struct ObjectModelTests {
    @Test("for any operations, under any limit", arguments: UInt64(0)..<24)
    func anyOperations(seed: UInt64) throws {
        var trial = try Trial(seed: seed)
        for step in 0..<1_500 {
            try trial.step()
            try trial.checkSums("seed \(seed), step \(step)")
            if step % 100 == 99 { try trial.checkAll("seed \(seed), step \(step)") }
        }
    }

    private struct Trial {
        private var random: SplitMix64
        private let limit: Int
        private let bench: StoreInFolder
        private var store: ObjectStore { bench.store }
        private var model: StoreModel
        private var readers: [(body: ObjectBody, bytes: [UInt8])] = []
        private let keys: [ObjectKey]

        init(seed: UInt64) throws {
            random = SplitMix64(seed: seed)
            limit = [0, 1, 3_000, 20_000, 1_000_000][Int(seed % 5)]
            bench = try StoreInFolder(memoryByteCountMax: limit)
            model = StoreModel(memoryByteCountMax: limit)
            var random = self.random
            keys = try (0..<60).map { number in
                try ObjectKey(
                    [UInt8(number)] + (0..<random.number(in: 0...9)).map { _ in UInt8(random.number(in: 0...255)) })
            }
        }

        mutating func step() throws {
            let key = keys[random.number(in: 0...keys.count - 1)]
            switch random.number(in: 0...9) {
            case 0...3: try put(key)
            case 4: try putAgain(key)
            case 5: try write(key)
            case 6: try delete()
            case 7: try keep(key)
            default: try read(key)
            }
        }

        private mutating func randomObject() -> StoreModel.Object {
            let size = random.number(in: 0...9) == 0 ? 0 : random.number(in: 1...(random.happens(0.1) ? 9_000 : 600))
            let bytes = (0..<size).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            return StoreModel.Object(tag: random.happens(0.5) ? .value : .bytes, bytes: bytes)
        }

        private mutating func put(_ key: ObjectKey) throws {
            let object = randomObject()
            let replaces = random.happens(0.6)
            try expectSame(key, object, replaces: replaces, isFile: false) { [store] in
                try store.put(key, tag: object.tag, bytes: object.bytes, replaces: replaces)
            }
        }

        private mutating func putAgain(_ key: ObjectKey) throws {
            guard let object = model.objects[key] else { return }
            #expect(try store.put(key, tag: object.tag, bytes: object.bytes, replaces: false) == .unchanged)
            let other: ObjectTag = object.tag == .value ? .bytes : .value
            #expect(throws: ObjectStoreError.self, "another tag is other content") {
                try store.put(key, tag: other, bytes: object.bytes, replaces: false)
            }
        }

        /// In pieces; what does not fit into the memory of writers becomes a file.
        private mutating func write(_ key: ObjectKey) throws {
            let object = randomObject()
            let replaces = random.happens(0.6)
            // Told before: then there is memory for all of it, or none.
            let isAnnounced = random.happens(0.5)
            let writer = try store.makeWriter(
                key, tag: object.tag, byteCount: isAnnounced ? object.bytes.count : nil, replaces: replaces)
            if isAnnounced { model.makeRoom(for: object.bytes.count) }
            var rest = object.bytes[...]
            while !rest.isEmpty {
                let piece = Array(rest.prefix(random.number(in: 0...2_000)))
                try writer.append(piece, at: writer.byteCount)
                rest = rest.dropFirst(piece.count)
            }
            let isFile = object.bytes.count > (isAnnounced ? limit : limit / 4)
            try expectSame(key, object, replaces: replaces, isFile: isFile) {
                try writer.finish(expectedDigest: ObjectDigest(checksum: plainChecksum(object.bytes)))
            }
        }

        private mutating func expectSame(
            _ key: ObjectKey, _ object: StoreModel.Object, replaces: Bool, isFile: Bool, _ put: () throws -> ObjectPut
        ) throws {
            let held = model.objects[key]
            if let held, held != object, !replaces {
                let info = try #require(store.info(of: key))
                #expect(throws: ObjectStoreError.held(key, by: info)) { try put() }
                return
            }
            let expected: ObjectPut = held == nil ? .added : held == object ? .unchanged : .replaced
            #expect(try put() == expected)
            model.put(key, object, isFile: isFile)
        }

        private mutating func delete() throws {
            let some = (0..<random.number(in: 0...4)).map { _ in keys[random.number(in: 0...keys.count - 1)] }
            var expected: [ObjectKey] = []
            for key in some where model.objects[key] != nil {
                expected.append(key)
                model.delete(key)
            }
            #expect(store.delete(some) == expected)
        }

        private mutating func read(_ key: ObjectKey) throws {
            let body = try store.reader(of: key)
            #expect((body == nil) == (model.objects[key] == nil))
            guard let body, let object = model.objects[key] else { return }
            model.use(key)
            try check(body, object.bytes)
            #expect(body.info.tag == object.tag)
            #expect(body.isInMemory == model.inMemory.contains(key))
        }

        /// A reader that is looked at when its key may be long gone.
        private mutating func keep(_ key: ObjectKey) throws {
            if readers.count > 20 {
                let reader = readers.remove(at: random.number(in: 0...readers.count - 1))
                try check(reader.body, reader.bytes)
            }
            guard let body = try store.reader(of: key), let object = model.objects[key] else { return }
            model.use(key)
            readers.append((body, object.bytes))
        }

        private mutating func check(_ body: ObjectBody, _ bytes: [UInt8]) throws {
            #expect(try body.bytes(byteCountMax: bytes.count) == bytes)
            let offset = random.number(in: 0...bytes.count + 3)
            var range = [UInt8](repeating: 0, count: random.number(in: 0...300))
            let count = try range.withUnsafeMutableBytes { try body.read(at: offset, into: $0) }
            #expect(range.prefix(count).elementsEqual(bytes.dropFirst(offset).prefix(range.count)))
        }

        func checkSums(_ place: String) throws {
            let statistics = store.statistics
            try #require(statistics.count == model.objects.count, "\(place)")
            try #require(statistics.byteCount == model.byteCount, "\(place)")
            try #require(statistics.memoryByteCount == model.memoryByteCount, "\(place)")
            try #require(statistics.memoryByteCount <= limit, "\(place)")
            try #require(statistics.writerCount == 0 && statistics.writerByteCount == 0, "\(place)")
            try #require(statistics.reservedByteCount == 0, "\(place)")
        }

        mutating func checkAll(_ place: String) throws {
            let sorted = model.objects.keys.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
            let limit = random.number(in: 1...20)
            var found: [ObjectKey] = []
            while true {
                let page = store.keys(after: found.last, limit: limit)
                found += page
                if page.count < limit { break }
                try #require(found.count <= sorted.count, "pages never end; \(place)")
            }
            #expect(found == sorted, "\(place)")
            for key in keys {
                let object = model.objects[key]
                #expect(store.contains(key) == (object != nil), "\(place)")
                let info = object.map {
                    ObjectInfo(
                        tag: $0.tag, byteCount: $0.bytes.count, digest: ObjectDigest(checksum: plainChecksum($0.bytes)))
                }
                #expect(store.info(of: key) == info, "\(place)")
            }
            let files = bench.files
            #expect(files.count == model.objects.count - model.inMemory.count, "\(place)")
            #expect(files.reduce(0) { $0 + $1.byteCount } == store.statistics.spilledByteCount, "\(place)")
            #expect(files.allSatisfy { $0.mode == 0o100600 }, "\(place)")
        }
    }
}
