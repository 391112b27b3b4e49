import DataClient
import Glibc
import Testing
import XMLRPC

extension IntegrationTests {
    @Suite("The Swift client of data workers", .enabled(if: Programs.python3 != nil, "needs python3"))
    struct SwiftDataClientTests {
        private static let tools = """
            import time
            def echo(*args, **kwargs): return [list(args), kwargs]
            def slow(seconds):
                time.sleep(seconds)
                return seconds
            def fail(text): raise ValueError(text)
            def note(path, text):
                with open(path, "a") as file: file.write(text)
                return text
            """

        private static func with(
            listening place: String = "127.0.0.1:0", _ body: (Cluster, DataClient) async throws -> Void
        ) async throws {
            try await Cluster.with { cluster in
                let address = try await DataClientTests.start(cluster, listening: place)
                let line = place == ":0" ? try DataCluster(cluster: cluster).joinLine().text : nil
                let client = try DataClient(
                    line ?? address, token: nil, patience: .seconds(30), environment: cluster.environment)
                try await client.upload("tools.py", Array(tools.utf8))
                try await body(cluster, client)
                await client.close()
            }
        }

        @Test("Futures stand for their values at any depth, and text for itself also where it is a key")
        func values() async throws {
            try await Self.with { _, client in
                let total = try await client.submit("add", 1, 2)
                let again = try await client.submit("add", 1, 2)
                #expect(total.key == again.key && total.key.hasPrefix("add-"))
                let own = try await client.submit("add", 1, 2, isPure: false)
                #expect(own.key != total.key)
                let doubled = try await client.submit("mul", total, 2)
                #expect(try await doubled.result() == 6)
                #expect(try await total.isDone)
                #expect(try await doubled.status == .finished)
                let scattered = try await client.scatter(["x": 5, "é\r": [1, 2]])
                let echoed: XMLRPCValue = try await client.submit(
                    "tools.py:echo", total, "x", [UInt8]("x".utf8), ["x"], ["a": [total]], ["key": "x"], ["value": 1],
                    Int.max, 2.5, true, try #require(scattered["é\r"]), keywords: ["word": "x", "future": total]
                ).result()
                let expected: [XMLRPCValue] = [
                    3, "x", .base64([120]), ["x"], ["a": [3]], ["key": "x"], ["value": 1], .int64(.max), 2.5, true,
                    [1, 2],
                ]
                #expect(echoed == [.array(expected), ["word": "x", "future": 3]])
                await #expect(throws: DataClientError.self) { try await client.submit("len", ["key": total]) }
            }
        }

        @Test("The example of docs/data.md does what it says")
        func example() async throws {
            try await Self.with { _, client in
                let squares = try await client.map("pow", 1...5, 2)
                let total = try await client.submit("sum", squares)  // futures are arguments, at any depth
                let value: Int = try await total.result()
                let all: [Int] = try await client.gather(squares)
                #expect(all == [1, 4, 9, 16, 25])
                #expect(value == all.reduce(0, +))
                var keys: Set<String> = []
                for try await future in client.asCompleted(squares) { keys.insert(future.key) }
                #expect(keys == Set(squares.map(\.key)))
            }
        }

        @Test("Many are submitted and gathered in their order, or taken as they end")
        func many() async throws {
            try await Self.with { _, client in
                let futures = try await client.map("add", 0..<2_500, 1)
                #expect(try await client.gather(futures) == Array(1...2_500))
                let sum = try await client.submit("sum", futures)
                #expect(try await sum.result() == (1...2_500).reduce(0, +))
                let times = [0.9, 0.1, 0.5]
                var ended: [Double] = []
                for try await future in client.asCompleted(try await client.map("tools.py:slow", times, isPure: false))
                {
                    ended.append(try await future.result())
                }
                // Two workers begin with the first two.
                #expect(ended == [0.1, 0.5, 0.9])
                var count = 0
                for try await _ in client.asCompleted(futures + futures) { count += 1 }
                #expect(count == 5_000)
                #expect(try await client.gather([], as: Int.self) == [])
            }
        }

        @Test("What has no value says why: failed, cancelled, forgotten, or not there yet")
        func failures() async throws {
            try await Self.with { _, client in
                let failed = try await client.submit("tools.py:fail", "told so")
                let error = await #expect(throws: DataClientError.self) { let _: Int = try await failed.result() }
                guard case .failed(_, let message) = error else {
                    return #expect(Bool(false), "\(String(describing: error))")
                }
                #expect(message.contains("ValueError: told so") && message.contains("Traceback"))
                let status = try await failed.status
                #expect(status == .error)
                let slow = try await client.submit("tools.py:slow", 1_000)
                await #expect(throws: DataClientError.self) {
                    let _: Int = try await slow.result(within: .milliseconds(200))
                }
                let isCancelled = try await slow.cancel()
                let isCancelledAgain = try await slow.cancel()
                #expect(isCancelled && !isCancelledAgain)
                await #expect(throws: DataClientError.cancelled(key: "'\(slow.key)'")) {
                    let _: Int = try await slow.result()
                }
                let total = try await client.submit("add", 1, 2)
                #expect(try await total.result() == 3)
                try await client.release([total])
                await #expect(throws: DataClientError.unknown(key: "'\(total.key)'")) {
                    let _: Int = try await total.result()
                }
            }
        }

        @Test("It gets in by TLS with a join line, and one with another pin does not")
        func encrypted() async throws {
            try await Self.with(listening: ":0") { cluster, client in
                let total: Int = try await client.submit("add", 1, 2).result()
                #expect(total == 3)
                let line = try DataCluster(cluster: cluster).joinLine().text
                let pin = try #require(line.split(separator: ".").dropFirst().first)
                let other = try DataClient(
                    line.replacing(pin, with: String(repeating: "A", count: pin.count), maxReplacements: 1), token: nil,
                    patience: .seconds(2), environment: [:])
                await #expect(throws: (any Error).self) { try await other.submit("add", 1, 2) }
            }
        }

        @Test("A center that starts again is found again, with its new secret")
        func startedAgain() async throws {
            try await Cluster.with { cluster in
                let first = try cluster.start("center1", [Programs.control, "center", "--listen", "127.0.0.1:0"])
                let address = try await first.rest(ofLine: "Start center at ")
                let client = try DataClient(
                    address, token: nil, patience: .seconds(30), environment: cluster.environment)
                _ = try await client.submit("add", 1, 2)
                try await DataCluster.end(first, by: SIGTERM)
                async let later = client.submit("add", 3, 4)
                let second = try cluster.start("center2", [Programs.control, "center", "--listen", address])
                _ = try await second.rest(ofLine: "Start center at ")
                #expect(try await later.status == .pending)
                await client.close()
            }
        }
    }
}
