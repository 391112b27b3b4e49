import DataProtocol
import TestSupport
import Testing

@testable import Center

@Suite("Where objects should be")
struct PlacementTests {
    private static func key(_ number: Int) throws -> ObjectKey { try ObjectKey(Array("key \(number)".utf8)) }

    private static func table(_ workers: [(address: String, host: String)]) throws -> CenterTable {
        var table = CenterTable()
        for (address, host) in workers {
            _ = try table.register(
                CenterProfile(
                    address: address, host: host, name: "", coreCount: 1, services: [:], memoryByteCountMax: 0),
                at: CenterTime(.zero))
        }
        return table
    }

    @Test("New objects go to those that hold least, the largest first")
    func placement() throws {
        var table = try Self.table([("a:1", ""), ("b:1", ""), ("c:1", "")])
        try table.add([(Self.key(0), 100)], at: "a:1")
        let objects = try (1...4).map { (key: try Self.key($0), byteCount: Int64($0 * 30)) }
        let placed = try table.placement(of: objects)
        // 120 to b, 90 to c, 60 to c (90), 30 to a (100).
        #expect(try placed == [Self.key(4): "b:1", Self.key(3): "c:1", Self.key(2): "c:1", Self.key(1): "a:1"])
        #expect(try Set(table.placement(of: objects, among: ["a:1"]).values) == ["a:1"])
        #expect(throws: CenterError.unknownWorker(address: "z:1")) { try table.placement(of: objects, among: ["z:1"]) }
        #expect(throws: CenterError.noWorkers) { try CenterTable().placement(of: objects) }
    }

    @Test("Copies go to other machines first, and never to a holder")
    func replication() throws {
        var table = try Self.table([("a:1", "x"), ("a:2", "x"), ("b:1", "y"), ("c:1", "z")])
        try table.add([(Self.key(1), 10)], at: "a:1")
        try table.add([(Self.key(2), 50)], at: "c:1")
        let key = try Self.key(1)
        #expect(table.replication(of: [key], count: 1) == [])
        #expect(table.replication(of: [key], count: 2) == [Transfer(key: key, source: "a:1", destination: "b:1")])
        #expect(table.replication(of: [key, key], count: 3).map(\.destination) == ["b:1", "c:1"])
        #expect(table.replication(of: [key], count: 9).map(\.destination) == ["b:1", "c:1", "a:2"])
        #expect(try table.replication(of: [Self.key(7)], count: 2) == [], "nobody holds it")
        #expect(try CenterTable().replication(of: [Self.key(1)], count: 2) == [])
    }

    @Test("Moving evens out what workers hold, loses nothing, and comes to an end", arguments: 1...60)
    func rebalancing(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let addresses = (0..<Int.random(in: 1...6, using: &random)).map { "w:\($0)" }
        var table = try Self.table(addresses.map { ($0, "") })
        for number in 0..<60 {
            // Most begin on the first.
            let address = Bool.random(using: &random) ? addresses[0] : addresses.randomElement(using: &random) ?? ""
            let byteCount = Int64(number * 37 % 100)
            try table.add([(Self.key(number), byteCount)], at: address)
            if number % 7 == 0, let other = addresses.last, other != address {
                try table.add([(Self.key(number), byteCount)], at: other)
            }
        }
        let transfers = table.rebalancing()
        #expect(Set(transfers.map { "\($0.key) \($0.source)" }).count == transfers.count, "each is moved once")
        let before = table
        for transfer in transfers {
            #expect(table.holders(of: transfer.key).contains(transfer.source))
            #expect(!table.holders(of: transfer.key).contains(transfer.destination))
            let byteCount = try #require(table.byteCount(of: transfer.key))
            try table.add([(transfer.key, byteCount)], at: transfer.destination)
            #expect(try table.remove([transfer.key], at: transfer.source) == [])
        }
        #expect(table.keys == before.keys)
        for key in table.keys { #expect(table.holders(of: key).count == before.holders(of: key).count) }
        func spread(_ table: CenterTable) -> Int64 {
            let byteCounts = table.workers.values.map(\.byteCount)
            return (byteCounts.max() ?? 0) - (byteCounts.min() ?? 0)
        }
        #expect(spread(table) <= spread(before))
        // The largest object has 99 bytes: no two workers need differ by more, as there are small ones enough.
        #expect(spread(table) <= 99, "\(spread(before)) -> \(spread(table))")
    }
}
