import Testing
import XMLRPC

@testable import LaunchedWorkers

@Suite("Mailboxes of launched workers")
struct MailboxTests {
    private let one = MailAddress.worker(LaunchID(number: 1))
    private let two = MailAddress.worker(LaunchID(number: 2))

    @Test("Messages arrive once each, in the order of each sender", arguments: UInt64(0)..<20)
    func ordered(seed: UInt64) throws {
        var state = seed
        func random(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        var mailboxes = Mailboxes()
        var sent: [MailAddress: [Int]] = [:]
        var received: [MailAddress: [Int]] = [:]
        func receive() throws -> Bool {
            guard let message = mailboxes.take(by: two, acknowledged: nil) else { return false }
            received[message.from, default: []].append(Int(try #require(message.value.asInt)))
            return true
        }
        for number in 0..<200 {
            let sender = [MailAddress.master, one, two][Int(random(3))]
            try mailboxes.put(.int(Int32(number)), byteCount: 16, from: sender, to: two)
            sent[sender, default: []].append(number)
            if random(3) == 0 { _ = try receive() }
        }
        while try receive() {}
        #expect(received == sent, "seed \(seed)")
        #expect(mailboxes.take(by: one, acknowledged: nil) == nil)
    }

    @Test("A message stays until it is acknowledged, and is numbered")
    func acknowledged() throws {
        var mailboxes = Mailboxes()
        for text in ["a", "b", "c"] { try mailboxes.put(.string(text), byteCount: 17, from: .master, to: one) }
        #expect(mailboxes.take(by: one, acknowledged: 0)?.value == "a")
        #expect(mailboxes.take(by: one, acknowledged: 0)?.value == "a", "its answer may have been lost")
        #expect(mailboxes.take(by: one, acknowledged: 1)?.value == "b")
        #expect(mailboxes.take(by: one, acknowledged: 1)?.number == 2)
        #expect(mailboxes.take(by: one, acknowledged: 3) == nil)
        try mailboxes.put("d", byteCount: 17, from: two, to: one)
        let last = mailboxes.take(by: one, acknowledged: 3)
        #expect(last?.number == 4 && last?.from == two)
    }

    @Test("The same key again is the same message again")
    func keys() throws {
        var mailboxes = Mailboxes()
        #expect(try mailboxes.put(1, byteCount: 16, from: one, to: .master, key: "k1"))
        #expect(try !mailboxes.put(1, byteCount: 16, from: one, to: .master, key: "k1"))
        #expect(try mailboxes.put(1, byteCount: 16, from: two, to: .master, key: "k1"), "another's keys are its own")
        #expect(try mailboxes.put(1, byteCount: 16, from: one, to: .master, key: "k2"))
        #expect(try mailboxes.put(1, byteCount: 16, from: one, to: .master))
        #expect(try mailboxes.put(1, byteCount: 16, from: one, to: two, key: "k2"), "and so is another receiver's")
    }

    @Test("A mailbox takes no more messages than its limit, and more when some were received")
    func fullOfMessages() throws {
        var mailboxes = Mailboxes()
        for _ in 0..<Mailboxes.messageCountMax { try mailboxes.put(1, byteCount: 16, from: one, to: two) }
        let refusal = #expect(throws: MailRefusal.self) {
            try mailboxes.put(1, byteCount: 16, from: .master, to: two, key: "again")
        }
        #expect(refusal?.description.contains("1024 messages of 16384 bytes wait for launched worker 2") == true)
        try mailboxes.put(1, byteCount: 16, from: one, to: .master)
        _ = mailboxes.take(by: two, acknowledged: nil)
        #expect(
            try mailboxes.put(1, byteCount: 16, from: .master, to: two, key: "again"), "what was refused was not kept")
    }

    @Test("A mailbox takes no more bytes than its limit, also when messages went by acknowledgement")
    func fullOfBytes() throws {
        var mailboxes = Mailboxes()
        let half = Mailboxes.byteCountMax / 2
        for _ in 0..<2 { try mailboxes.put(1, byteCount: half, from: one, to: two) }
        #expect(throws: MailRefusal.self) { try mailboxes.put(1, byteCount: 1, from: one, to: two) }
        #expect(mailboxes.take(by: two, acknowledged: 1)?.number == 2)
        try mailboxes.put(1, byteCount: half, from: one, to: two)
        #expect(throws: MailRefusal.self) { try mailboxes.put(1, byteCount: 1, from: one, to: two) }
    }

    @Test("What waits for a worker goes with it")
    func closed() throws {
        var mailboxes = Mailboxes()
        try mailboxes.put(1, byteCount: 16, from: one, to: two)
        try mailboxes.put(2, byteCount: 16, from: two, to: one)
        mailboxes.close(two)
        #expect(mailboxes.take(by: two, acknowledged: nil) == nil)
        #expect(mailboxes.take(by: one, acknowledged: nil)?.value == 2, "what it had sent arrives")
    }

    @Test("The size of a value counts all that is in it")
    func sizes() {
        #expect(XMLRPCValue.int(1).byteCount == 16)
        #expect(XMLRPCValue.array([.string("abc"), .base64([1, 2])]).byteCount == 16 + 19 + 18)
        #expect(XMLRPCValue.structure(["ab": .nil]).byteCount == 16 + 2 + 16)
    }
}
