import DataProtocol
import TestSupport
import Testing

@testable import Center

@Suite("Who has what")
struct CenterTableTests {
    private static func profile(_ address: String, host: String = "") -> CenterProfile {
        CenterProfile(address: address, host: host, name: address, coreCount: 1, services: [:], memoryByteCountMax: 0)
    }

    private static func key(_ number: Int) throws -> ObjectKey { try ObjectKey(Array("key \(number)".utf8)) }

    private func time(_ seconds: Int) -> CenterTime { CenterTime(.seconds(seconds)) }

    @Test("Holders are known until they let go, and the last one's end loses the key")
    func holders() throws {
        var table = CenterTable()
        #expect(try table.register(Self.profile("a:1"), at: time(0)) == [])
        #expect(try table.register(Self.profile("b:1"), at: time(0)) == [])
        let (x, y) = (try Self.key(1), try Self.key(2))
        try table.add([(x, 10), (y, 5)], at: "a:1")
        try table.add([(x, 10)], at: "b:1")
        #expect(table.holders(of: x) == ["a:1", "b:1"] && table.holders(of: y) == ["a:1"])
        #expect(table.workers["a:1"]?.byteCount == 15 && table.byteCount(of: x) == 10)
        #expect(try table.remove([x, x], at: "a:1") == [], "b:1 has it")
        #expect(try table.remove([x], at: "b:1") == [x])
        #expect(table.holders(of: x) == [] && table.keys == [y])
        #expect(table.unregister("a:1") == [y] && table.keyCount == 0)
        #expect(table.unregister("a:1") == [])
        #expect(throws: CenterError.unknownWorker(address: "a:1")) { try table.add([(x, 1)], at: "a:1") }
        #expect(throws: CenterError.unknownWorker(address: "a:1")) { try table.remove([x], at: "a:1") }
        #expect(throws: CenterError.unknownWorker(address: "a:1")) { try table.hear(from: "a:1", at: time(1)) }
    }

    @Test("A new process at an address has nothing of the one before it")
    func again() throws {
        var table = CenterTable()
        _ = try table.register(Self.profile("a:1"), at: time(0))
        try table.add([(Self.key(1), 10)], at: "a:1")
        #expect(try table.register(Self.profile("a:1"), at: time(1)) == [Self.key(1)])
        #expect(table.workers["a:1"]?.byteCount == 0 && table.keyCount == 0)
    }

    @Test(
        "Objects don't change: another size is refused, but for the only holder's, and nothing is taken of such a call")
    func sizes() throws {
        var table = CenterTable()
        for address in ["a:1", "b:1"] { _ = try table.register(Self.profile(address), at: time(0)) }
        let (x, y) = (try Self.key(1), try Self.key(2))
        try table.add([(x, 10)], at: "a:1")
        #expect(throws: CenterError.wrongSize(x, byteCount: 11, known: 10)) {
            try table.add([(y, 1), (x, 11)], at: "b:1")
        }
        #expect(table.holders(of: y) == [])
        try table.add([(x, 12)], at: "a:1")
        #expect(table.byteCount(of: x) == 12 && table.workers["a:1"]?.byteCount == 12)
        try table.add([(x, 12)], at: "b:1")
        #expect(throws: CenterError.self) { try table.add([(x, 13)], at: "a:1") }
    }

    @Test("Who is silent for too long is taken out, and who was heard of meanwhile is not")
    func silence() throws {
        var table = CenterTable()
        for address in ["a:1", "b:1", "c:1"] { _ = try table.register(Self.profile(address), at: time(0)) }
        try table.add([(Self.key(1), 1)], at: "a:1")
        try table.add([(Self.key(1), 1), (Self.key(2), 1)], at: "b:1")
        try table.hear(from: "c:1", at: time(8))
        try table.hear(from: "c:1", at: time(3))
        #expect(table.expire(at: time(10), silenceMax: .seconds(10)).isEmpty)
        let gone = table.expire(at: time(11), silenceMax: .seconds(10))
        #expect(gone.map(\.address) == ["a:1", "b:1"])
        #expect(try gone.map(\.lost) == [[], [Self.key(1), Self.key(2)]])
        #expect(table.workers.keys.sorted() == ["c:1"])
    }

    @Test("Whom to ask first: those on the same machine, then those that hold least")
    func sources() throws {
        var table = CenterTable()
        for (address, host) in [("far:1", "f"), ("near:2", "n"), ("near:1", "n"), ("other:1", "")] {
            _ = try table.register(Self.profile(address, host: host), at: time(0))
            try table.add([(Self.key(1), 1)], at: address)
        }
        try table.add([(Self.key(2), 100)], at: "far:1")
        #expect(try table.sources(of: Self.key(1), for: "n") == ["near:1", "near:2", "other:1", "far:1"])
        #expect(try table.sources(of: Self.key(1), for: "") == ["near:1", "near:2", "other:1", "far:1"])
        #expect(try table.sources(of: Self.key(9), for: "n") == [])
    }

    /// What the table says, kept in the plainest way.
    private struct Model {
        var held: [String: [ObjectKey: Int64]] = [:]

        func holders(of key: ObjectKey) -> [String] { held.filter { $0.value[key] != nil }.keys.sorted() }
    }

    @Test("Any row of events leaves what a plain list of them would", arguments: 1...20)
    func random(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var (table, model) = (CenterTable(), Model())
        let addresses = ["a:1", "b:1", "c:1", "d:1"]
        for step in 0..<400 {
            let address = addresses.randomElement(using: &random) ?? ""
            let keys = try (0..<Int.random(in: 1...4, using: &random)).map { _ in
                try Self.key(Int.random(in: 0..<12, using: &random))
            }
            switch Int.random(in: 0..<10, using: &random) {
            case 0:
                let lost = try table.register(Self.profile(address), at: time(step))
                let before = model.held[address] ?? [:]
                model.held[address] = [:]
                #expect(lost == before.keys.filter { model.holders(of: $0).isEmpty }.sorted())
            case 1:
                let before = model.held.removeValue(forKey: address) ?? [:]
                #expect(table.unregister(address) == before.keys.filter { model.holders(of: $0).isEmpty }.sorted())
            case 2...6:
                // Each key has its own size, so that no one is refused for that.
                let objects = Set(keys).map { (key: $0, byteCount: Int64($0.bytes.count * 10)) }
                guard model.held[address] != nil else {
                    #expect(throws: CenterError.unknownWorker(address: address)) {
                        try table.add(objects, at: address)
                    }
                    break
                }
                try table.add(objects, at: address)
                for (key, byteCount) in objects { model.held[address]?[key] = byteCount }
            default:
                guard let before = model.held[address] else { break }
                for key in keys { model.held[address]?[key] = nil }
                let lost = Set(keys).filter { before[$0] != nil && model.holders(of: $0).isEmpty }
                #expect(try table.remove(keys, at: address) == lost.sorted())
            }
            for number in 0..<12 {
                #expect(try table.holders(of: Self.key(number)) == model.holders(of: Self.key(number)))
            }
            #expect(table.workers.mapValues { $0.keys } == model.held.mapValues { Set($0.keys) })
            #expect(table.workers.mapValues { $0.byteCount } == model.held.mapValues { $0.values.reduce(0, +) })
            #expect(table.keyCount == Set(model.held.values.flatMap(\.keys)).count)
        }
    }
}
