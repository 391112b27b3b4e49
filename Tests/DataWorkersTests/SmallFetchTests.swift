import DataProtocol
import Testing
import TestSupport
import XMLRPC

@testable import DataWorkers

@Suite("Small objects between data workers")
struct SmallFetchTests {
    @Test("come with few calls, many with each")
    func few() async throws {
        try await DataBench.run(memory: [64 << 20, 64 << 20]) { bench in
            let items = (0..<3_000).map { ("key \($0)", content($0, byteCount: 1_000)) }
            try await bench.workers[0].call(
                "update_data", .structure(Dictionary(uniqueKeysWithValues: items.map { ($0, .base64($1)) })))
            let proxy = try CutProxy(to: bench.workers[0].service.port)
            try await bench.workers[1].call(
                "fetch_data",
                .structure(Dictionary(uniqueKeysWithValues: items.map { ($0.0, [.string(proxy.address)]) })))
            #expect(3...6 ~= proxy.requestCount("POST") && proxy.requestCount("GET") == 0)
            let answer = try await bench.workers[1].call("get_data", .array(items.map { .string($0.0) }))
            let isSame = items.allSatisfy { answer[$0.0] == .base64($0.1) }
            #expect(isSame)
            #expect(try await bench.holders(of: "key 7") == bench.workers.map(\.address).sorted())
        }
    }

    @Test("of which many pass what one answer may hold come with the next calls")
    func many() async throws {
        try await DataBench.run(memory: [64 << 20, 64 << 20]) { bench in
            let items = (0..<120).map { ("key \($0)", content($0, byteCount: 60_000 + $0 % 2 * 5_536)) }
            try await bench.workers[0].call(
                "update_data", .structure(Dictionary(uniqueKeysWithValues: items.map { ($0, .base64($1)) })))
            let proxy = try CutProxy(to: bench.workers[0].service.port)
            try await bench.workers[1].call(
                "fetch_data",
                .structure(Dictionary(uniqueKeysWithValues: items.map { ($0.0, [.string(proxy.address)]) })))
            #expect(proxy.requestCount("GET") == 0)
            #expect(4...6 ~= proxy.requestCount("POST"), "7.5 MB, 2 MiB at a time")
            for (key, bytes) in items { #expect(try await bench.workers[1].bytes(key) == bytes) }
        }
    }

    @Test("of awkward keys and contents arrive as they are, values as values and bytes as bytes")
    func awkward() async throws {
        try await DataBench.run(memory: [64 << 20, 64 << 20]) { bench in
            let items: [(XMLRPCValue, XMLRPCValue)] = [
                (.base64([0]), .base64([])), (.base64([0xff, 0xfe]), ""), (.base64(Array("a\rb".utf8)), .array([])),
                ("<&>", ["<": "&", "ü": .double(0.1)]), (.string(String(repeating: "k", count: 1_024)), .int(-1)),
                ("line\n", .string("line\r\n")), ("nested", [["key": "x"], [[]], .boolean(true)]),
            ]
            try await bench.workers[0].call("update_data", .array(items.map { [$0.0, $0.1] }))
            let holders: XMLRPCValue = [.string(bench.workers[0].address)]
            let count = try await bench.workers[1].call("fetch_data", .array(items.map { [$0.0, holders] }))
            #expect(count == .int(Int32(items.count)))
            let keys = XMLRPCValue.array(items.map(\.0))
            let expected = try await bench.workers[0].call("get_data", keys)
            #expect(try await bench.workers[1].call("get_data", keys) == expected)
            #expect(expected == .array(items.map { [$0.0, $0.1] }))
        }
    }

    @Test("are asked of the next holder where one is gone, has them no more, or never had them")
    func nextHolder() async throws {
        try await DataBench.run(memory: [64 << 20, 64 << 20, 64 << 20]) { bench in
            let gone = "127.0.0.1:\(try CutProxy.unusedPort())"
            let keys = (0..<2_500).map { "key \($0)" }
            // Each has half of them.
            for number in 0...1 {
                try await bench.workers[number].call(
                    "update_data",
                    .structure(
                        Dictionary(
                            uniqueKeysWithValues: keys.indices.filter { $0 % 2 == number }
                                .map { (keys[$0], .base64(content($0, byteCount: 100))) })))
            }
            let holders = ([gone] + bench.workers.prefix(2).map(\.address)).map { XMLRPCValue.string($0) }
            try await bench.workers[2].call(
                "fetch_data", .structure(Dictionary(uniqueKeysWithValues: keys.map { ($0, .array(holders)) })))
            let answer = try await bench.workers[2].call("get_data", .array(keys.map { .string($0) }))
            let isSame = keys.indices.allSatisfy { answer[keys[$0]] == .base64(content($0, byteCount: 100)) }
            #expect(isSame)

            let fault = try await bench.workers[2].fetchFault(
                "nothing", from: [gone, bench.workers[0].address, bench.workers[1].address])
            #expect(fault.hasPrefix("no holder gave the key 'nothing'; asked were \(gone) ("))
            for worker in bench.workers.prefix(2) { #expect(fault.contains("\(worker.address) (does not have it)")) }
            // Those that are there come all the same.
            try await bench.workers[0].put("there", [1])
            await #expect(throws: XMLRPCFault.self) {
                try await bench.workers[2].call(
                    "fetch_data",
                    ["there": [.string(bench.workers[0].address)], "nothing": [.string(bench.workers[0].address)]])
            }
            #expect(try await bench.workers[2].bytes("there") == [1])
        }
    }

    @Test("that are spoiled on their way are asked of the next holder")
    func spoiled() async throws {
        try await DataBench.run(memory: [64 << 20, 64 << 20, 64 << 20]) { bench in
            let bytes = content(1, byteCount: 60_000)
            for number in 0...1 { try await bench.workers[number].put("x", bytes) }
            // In the middle of the base64, of which only some letters are others in another case.
            let spoiling = try CutProxy(to: bench.workers[0].service.port, .init(spoils: 30_000))
            try await bench.workers[2].fetch("x", from: [spoiling.address, bench.workers[1].address])
            let isSame = try await bench.workers[2].bytes("x") == bytes
            #expect(isSame)
            #expect(try await bench.workers[2].count("stored") == 1)
        }
    }

    @Test("of 100,000 keys are put, told of, listed and fetched")
    func hundredThousand() async throws {
        try await DataBench.run(memory: [64 << 20, 64 << 20]) { bench in
            let (first, second) = (bench.workers[0], bench.workers[1])
            let keys = (0..<100_000).map { "task-\($0)" }
            for start in stride(from: 0, to: keys.count, by: 10_000) {
                let items = keys[start..<start + 10_000].map { ($0, XMLRPCValue.base64(Array($0.utf8))) }
                try await first.call("update_data", .structure(Dictionary(uniqueKeysWithValues: items)))
            }
            let sorted = keys.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
            try await second.call(
                "fetch_data",
                .structure(Dictionary(uniqueKeysWithValues: keys.map { ($0, [.string(first.address)]) })))
            for worker in [first, second] {
                var found: [String] = []
                while true {
                    let after: XMLRPCValue = found.last.map { ["after": .string($0)] } ?? [:]
                    let page = try #require(try await worker.call("keys", after).asArray).compactMap(\.asString)
                    found += page
                    if page.count < 10_000 { break }
                }
                // Not to be printed.
                let isSame = found == sorted
                #expect(isSame)
            }
            let held = try await bench.centerClient.call(
                "has_what", [.array([.string(second.address)])], timeout: .seconds(60))
            let isKnown = held[second.address]?.asArray?.compactMap(\.asString) == sorted
            #expect(isKnown)
            #expect(
                try await second.call("get_data", ["task-99999"]) == ["task-99999": .base64(Array("task-99999".utf8))])
        }
    }
}
