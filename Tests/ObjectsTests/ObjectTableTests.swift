import DataProtocol
import TestSupport
import Testing

@testable import Objects

/// Many threads at one table, in one thread: every order in which they get the lock, from one seed.
@Suite("The table of an object store")
struct ObjectTableTests {
    @Test("is right in any order in which threads put, spill, fail to, delete and read", arguments: UInt64(0)..<40)
    func anyOrder(seed: UInt64) throws {
        var crowd = try Crowd(seed: seed)
        for step in 0..<1_000 {
            try crowd.step()
            try crowd.check("seed \(seed), step \(step)")
        }
        try crowd.end("seed \(seed)")
    }

    /// What a thread that puts is about to do.
    private enum Stage {
        case idle
        case asking
        case spilling(ObjectTable.Spill)
        case writing
    }

    private struct Putter {
        var stage = Stage.idle
        var key: ObjectKey
        var bytes: [UInt8] = []
        var replaces = false

        var info: ObjectInfo { ObjectInfo(tag: .bytes, byteCount: bytes.count, digest: ObjectDigest(of: bytes)) }
    }

    private struct Crowd {
        private var random: SplitMix64
        private let temporary: TemporaryFolder
        private let folder: ObjectFolder
        private let limit: Int
        private var table: ObjectTable
        private var putters: [Putter]
        private let keys: [ObjectKey]
        private var expected: [ObjectKey: [UInt8]] = [:]

        init(seed: UInt64) throws {
            random = SplitMix64(seed: seed)
            temporary = try TemporaryFolder()
            folder = try ObjectFolder(path: temporary.path)
            limit = [0, 100, 400, 1_000][Int(seed % 4)]
            table = ObjectTable(limits: ObjectLimits(memoryByteCountMax: limit))
            keys = try (0..<12).map { try key("\($0)") }
            putters = try (0..<5).map { _ in try Putter(key: key("0")) }
        }

        mutating func step() throws {
            switch random.number(in: 0...9) {
            case 0:
                let key = keys[random.number(in: 0...keys.count - 1)]
                #expect((table.delete(key) == nil) == (expected.removeValue(forKey: key) == nil))
            case 1:
                let key = keys[random.number(in: 0...keys.count - 1)]
                try #expect(table.use(key).map { try Self.bytes($0.content, $0.info) } == expected[key])
            default: try advance(random.number(in: 0...putters.count - 1))
            }
        }

        private mutating func advance(_ index: Int) throws {
            switch putters[index].stage {
            case .idle:
                let size = random.number(in: 0...5) == 0 ? 0 : random.number(in: 1...300)
                putters[index] = Putter(
                    stage: .asking, key: keys[random.number(in: 0...keys.count - 1)],
                    bytes: (0..<size).map { _ in UInt8(truncatingIfNeeded: random.next()) },
                    replaces: random.happens(0.7))
            case .asking: try ask(index)
            case .spilling(let spill):
                if random.happens(0.2) {
                    table.spillFailed(spill)
                    putters[index].stage = .idle
                } else {
                    _ = table.spilled(spill, to: try folder.write(spill.bytes))
                    putters[index].stage = .asking
                }
            case .writing:
                let file = try folder.write(putters[index].bytes)
                try settle(index) { putter, table in
                    try table.admit(putter.key, putter.info, file, replaces: putter.replaces)
                }
            }
        }

        private mutating func ask(_ index: Int) throws {
            try settle(index) { putter, table in
                try table.admit(putter.key, putter.info, putter.bytes, replaces: putter.replaces)
            }
        }

        private mutating func settle(
            _ index: Int, _ admit: (Putter, inout ObjectTable) throws -> ObjectTable.Admission
        ) throws {
            let putter = putters[index]
            let held = expected[putter.key]
            guard held == nil || held == putter.bytes || putter.replaces else {
                #expect(throws: ObjectStoreError.self) { try admit(putter, &table) }
                putters[index].stage = .idle
                return
            }
            switch try admit(putter, &table) {
            case .settled(let outcome, dropped: _):
                #expect(outcome == (held == nil ? .added : held == putter.bytes ? .unchanged : .replaced))
                expected[putter.key] = putter.bytes
                putters[index].stage = .idle
            case .makeRoom(let spill): putters[index].stage = .spilling(spill)
            case .writeOut: putters[index].stage = .writing
            }
        }

        private static func bytes(_ content: ObjectTable.Content, _ info: ObjectInfo) throws -> [UInt8] {
            switch content {
            case .memory(let bytes), .leaving(let bytes): bytes
            case .file(let file): try ObjectBody(info: info, content: .file(file.open())).bytes(byteCountMax: 1_000)
            }
        }

        func check(_ place: String) throws {
            let statistics = table.statistics
            try #require(statistics.memoryByteCount <= limit, "\(place)")
            try #require(statistics.count == expected.count, "\(place)")
            try #require(statistics.byteCount == expected.values.reduce(0) { $0 + $1.count }, "\(place)")
        }

        /// Everybody comes to an end; then all is there, and no file too many.
        mutating func end(_ place: String) throws {
            for index in putters.indices {
                while true {
                    if case .idle = putters[index].stage { break }
                    try advance(index)
                }
            }
            var spilled = 0
            for key in keys {
                let used = table.use(key)
                try #expect(used.map { try Self.bytes($0.content, $0.info) } == expected[key], "\(place)")
                switch used?.content {
                case .leaving: Issue.record("\(key) leaves for ever; \(place)")
                case .file: spilled += 1
                case .memory, nil: break
                }
            }
            #expect(TemporaryFolder.names(in: temporary.path).count == spilled, "\(place)")
        }
    }
}
