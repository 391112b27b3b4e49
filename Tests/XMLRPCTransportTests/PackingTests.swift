import Synchronization
import Testing

@testable import XMLRPCTransport

/// Answers that are packed on their way, by a coding of the tests' own.
@Suite struct PackingTests {
    private static let content = patterned(1_000_000)

    /// - Parameter forces: What is to be packed where that pays is packed in any case.
    private static func route(
        _ file: ScratchFile, _ coding: Reversal = Reversal(), byteCount: Int64 = 900_000, forces: Bool = false
    ) -> Route {
        .get("/file") { request in
            let wish = request.wish(for: coding.name)
            return .file(
                FileAnswer(
                    descriptor: try file.duplicate(), offset: 7, byteCount: byteCount,
                    coding: AnswerCoding(coding, forces && wish == .whenItPays ? .always : wish)))
        }
    }

    @Test(
        "Only whoever says so in HTTP/1.1, and wants all of it, gets a packed answer",
        arguments: [
            ([], "GET", "1.1", false), (["Accept-Encoding: reversal"], "GET", "1.1", true),
            (["Accept-Encoding: gzip, Reversal;q=0.5"], "GET", "1.1", true),
            (["Accept-Encoding: reversal;q=0"], "GET", "1.1", false),
            (["Accept-Encoding: reversal; q=0.000"], "GET", "1.1", false),
            (["Accept-Encoding: gzip, identity;q=0"], "GET", "1.1", false),
            (["Accept-Encoding: reversal, identity;q=0"], "GET", "1.1", true),
            (["Accept-Encoding: reversals"], "GET", "1.1", false), (["Accept-Encoding: *"], "GET", "1.1", false),
            (["Accept-Encoding: reversal", "Range: bytes=0-99"], "GET", "1.1", false),
            (["Accept-Encoding: reversal"], "HEAD", "1.1", false), (["Accept-Encoding: reversal"], "GET", "1.0", false),
        ] as [([String], String, String, Bool)])
    func whom(headers: [String], method: String, version: String, isPacked: Bool) async throws {
        let file = try ScratchFile(Self.content)
        try await TestServer.run(routes: [Self.route(file, forces: true)]) { server in
            let connection = try RawConnection(port: server.port)
            let request = Requests.get("/file", headers: headers, method: method)
            try connection.send(request.replacing("HTTP/1.1", with: "HTTP/\(version)"))
            let answer = try await connection.receiveAnswer(toHead: method == "HEAD")
            #expect(answer.status == (headers.count == 2 ? 206 : 200))
            #expect(answer.header("Content-Encoding") == (isPacked ? "reversal" : nil))
            #expect(answer.header("Transfer-Encoding") == (isPacked ? "chunked" : nil))
            #expect((answer.header("Content-Length") == nil) == isPacked)
        }
    }

    @Test(
        "A packed file arrives as it was, of any length, several over one connection",
        arguments: [CodingWish.whenItPays, .always]
    )
    func whole(wish: CodingWish) async throws {
        let file = try ScratchFile(Self.content)
        let coding = Reversal()
        for byteCount: Int64 in [1, 4_095, 4_096, 65_536, 65_537, 327_680, 327_681, 900_000] {
            try await TestServer.run(routes: [Self.route(file, coding, byteCount: byteCount)]) { server in
                let client = HTTPClient(host: "127.0.0.1", port: server.port, threads: server.threads)
                for _ in 0..<3 {
                    let copy = try ScratchFile([1, 2])
                    let fetched = try await client.fetch(
                        "/file", coding: AnswerCoding(coding, wish), into: copy.descriptor, at: 1,
                        byteCountMax: byteCount, timeout: .seconds(20), stallMax: .seconds(10))
                    #expect(fetched.storedByteCount == byteCount)
                    #expect(try copy.contents() == [1] + Self.content[7..<(7 + Int(byteCount))])
                    // Each piece has its length before it, and the first one shows that nothing becomes shorter.
                    #expect((fetched.receivedByteCount > byteCount) == (wish == .always))
                }
                await client.close()
            }
        }
    }

    @Test("More than may come is not written, and what is damaged, cut or without an end is said to be so")
    func lies() async throws {
        let file = try ScratchFile(Self.content)
        func fetch(_ coding: Reversal, byteCountMax: Int64 = 900_000) async throws -> [UInt8] {
            try await TestServer.run(routes: [Self.route(file, coding)]) { server in
                let client = HTTPClient(host: "127.0.0.1", port: server.port, threads: server.threads)
                let copy = try ScratchFile()
                do {
                    _ = try await client.fetch(
                        "/file", coding: AnswerCoding(coding, .always), into: copy.descriptor, at: 0,
                        byteCountMax: byteCountMax, timeout: .seconds(20), stallMax: .seconds(10))
                } catch {
                    #expect(try copy.contents().count <= Int(byteCountMax))
                    await client.close()
                    throw error
                }
                await client.close()
                return try copy.contents()
            }
        }
        #expect(try await fetch(Reversal()).count == 900_000)
        await #expect(throws: TransportError.answerTooLong(byteCountMax: 899_999)) {
            try await fetch(Reversal(), byteCountMax: 899_999)
        }
        await #expect(throws: TransportError.answerTooLong(byteCountMax: 10)) {
            try await fetch(Reversal(), byteCountMax: 10)
        }
        for fault in [Reversal.Fault.changes, .cuts] {
            let error = await #expect(throws: TransportError.self) { try await fetch(Reversal(fault)) }
            guard case .damagedAnswer? = error else {
                Issue.record("\(fault): \(String(describing: error))")
                continue
            }
        }
        let error = await #expect(throws: TransportError.self) { try await fetch(Reversal(.fails)) }
        guard case .closed? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("A client that goes away in the middle of a packed file leaves no descriptor open")
    func cutOff() async throws {
        let file = try ScratchFile(patterned(9 << 20))
        let before = openDescriptorCount()
        try await TestServer.run(routes: [Self.route(file, byteCount: 9_000_000)]) { server in
            for _ in 0..<5 {
                let connection = try RawConnection(port: server.port)
                try connection.send(Requests.get("/file", headers: ["Accept-Encoding: reversal, identity;q=0"]))
                #expect(try await connection.receiveAnswer(toHead: true).status == 200)
            }
            _ = try await server.log.lines.wait(for: 5)
        }
        // Other tests run beside this one and have descriptors open too: only a leak shows every time.
        var after = openDescriptorCount()
        for _ in 0..<200 where after > before {
            try await Task.sleep(for: .milliseconds(10))
            after = openDescriptorCount()
        }
        #expect(after <= before)
    }

    // MARK: When it pays

    /// Seconds per byte that packing takes here, and what it leaves of a byte.
    private static func pace(seconds: Double = 3e-9, share: Double = 0.35) -> PackingPace {
        var pace = PackingPace()
        for _ in 0..<50 {
            pace.notePacked(262_144, to: Int(262_144 * share), in: 262_144 * seconds)
        }
        return pace
    }

    @Test(
        "Pieces are packed where the link is slower than packing, and stored where it would stand still meanwhile",
        arguments: [
            // Bytes per second, and bytes that have not left.
            (12e6, 0, true), (12e6, 1e6, true), (110e6, 0, true), (118e6, 3e5, true), (1_200e6, 0, false),
            (1_200e6, 1e5, false), (5_000e6, 0, false), (5_000e6, 262_144, false),
            // So much waits that the next piece is packed by the time that it is its turn.
            (1_200e6, 2e6, true),
        ] as [(Double, Double, Bool)])
    func decision(rate: Double, unsent: Double, packs: Bool) {
        var pace = Self.pace()
        let wants = pace.wantsPacking(of: 262_144, PackingPace.Link(unsentByteCount: unsent, rate: rate))
        #expect(wants == packs)
    }

    @Test("What does not become shorter is tried ever more rarely, and at once again when something did")
    func incompressible() {
        var pace = PackingPace()
        let slow = PackingPace.Link(unsentByteCount: 0, rate: 12e6)
        var tries = 0
        for _ in 0..<1_000 where pace.wantsPacking(of: 262_144, slow) {
            tries += 1
            pace.notePacked(262_144, to: 262_200, in: 0.0002)
        }
        #expect((60..<70).contains(tries), "a sixteenth, and some at the beginning: \(tries)")
        while !pace.wantsPacking(of: 262_144, slow) {}
        pace.notePacked(262_144, to: 90_000, in: 0.0008)
        let isTriedAgain = pace.wantsPacking(of: 262_144, slow)
        #expect(isTriedAgain)
    }

    @Test("A thread that was not to be had once changes little")
    func heldUpOnce() {
        var pace = Self.pace()
        pace.notePacked(262_144, to: 90_000, in: 1)
        let isTried = pace.wantsPacking(of: 262_144, PackingPace.Link(unsentByteCount: 0, rate: 100e6))
        #expect(isTried)
    }

    @Test("Packing that was held up is given up where it does not pay, and tried again later")
    func heldUp() {
        var pace = Self.pace(seconds: 1e-6)
        let fast = PackingPace.Link(unsentByteCount: 0, rate: 100e6)
        let isTried = pace.wantsPacking(of: 262_144, fast)
        #expect(!isTried)
        var pieces = 0
        while pieces < 1_000, !pace.wantsPacking(of: 262_144, fast) { pieces += 1 }
        #expect((20..<1_000).contains(pieces), "\(pieces)")
    }
}

/// Each byte turned over. Never shorter, and easy to check.
private struct Reversal: BodyCoding {
    enum Fault: Hashable { case none, changes, cuts, fails }

    let fault: Fault
    var name: String { "reversal" }

    init(_ fault: Fault = .none) { self.fault = fault }

    func makePacker() -> any BodyPacker { Packer(fault: fault) }
    func makeUnpacker() -> any BodyUnpacker { Unpacker() }

    /// A piece is its length in four bytes, and its bytes.
    private struct Packer: BodyPacker {
        let fault: Fault
        struct Failure: Error {}

        func byteCountMax(forPiece byteCount: Int) -> Int { byteCount + 4 }

        func pack(_ piece: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws -> Int {
            if fault == .fails, piece.count > 65_536 { throw Failure() }
            let count = store(piece, into: output)
            if fault == .changes { output[0] ^= 0xFF }
            return fault == .cuts ? count - 1 : count
        }

        func store(_ piece: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Int {
            output.storeBytes(of: UInt32(piece.count), as: UInt32.self)
            for index in piece.indices { output[index + 4] = ~piece[index] }
            return piece.count + 4
        }
    }

    private final class Unpacker: BodyUnpacker {
        private let packed = Mutex<[UInt8]>([])

        func append(_ bytes: UnsafeRawBufferPointer, _ take: (UnsafeRawBufferPointer) throws -> Void) throws {
            let pieces = try packed.withLock { packed in
                packed += bytes
                var pieces: [[UInt8]] = []
                while packed.count >= 4 {
                    let count = packed[..<4].reversed().reduce(0) { $0 << 8 | Int($1) }
                    guard count <= 262_144 else { throw BodyDamage("a piece of \(count) bytes") }
                    guard packed.count >= 4 + count else { break }
                    pieces.append(packed[4..<(4 + count)].map { ~$0 })
                    packed.removeFirst(4 + count)
                }
                return pieces
            }
            for piece in pieces { try piece.withUnsafeBytes(take) }
        }

        func finish() throws {
            guard packed.withLock(\.isEmpty) else { throw BodyDamage("the last piece is cut") }
        }
    }
}
