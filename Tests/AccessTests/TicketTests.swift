import Model
import Testing

@testable import Access

@Suite struct TicketTests {
    private static func attempt(_ index: Int, _ number: Int, job: Int = 1) -> AttemptID {
        AttemptID(task: TaskID(job: JobID(number: job), kind: .map, index: index), number: number)
    }

    private let map = attempt(3, 2)
    private let key: TicketKey
    private let text: String

    init() throws {
        key = try #require(TicketKey(bytes: [UInt8](repeating: 7, count: 32)))
        text = Ticket(map: map, partition: 5, fetcher: WorkerID(number: 9), endsAt: 1_000).text(key: key)
    }

    @Test("A ticket lets its fetcher have what it is for")
    func valid() throws {
        let ticket = try Ticket.check(text, for: map, partition: 5, key: key, now: 1_000)
        #expect(ticket.fetcher.number == 9)
    }

    @Test("A ticket is for nothing else: neither another partition, attempt, task nor job")
    func others() {
        for (map, partition) in [
            (map, 4), (Self.attempt(3, 1), 5), (Self.attempt(2, 2), 5), (Self.attempt(3, 2, job: 2), 5),
        ] {
            #expect(throws: TicketRefusal.forAnother) {
                try Ticket.check(text, for: map, partition: partition, key: key, now: 0)
            }
        }
    }

    @Test("Whoever changes the fetcher, the end or the code has no ticket")
    func changed() throws {
        let parts = text.split(separator: ".").map(String.init)
        let code = parts[2]
        let first = code.first == "A" ? "B" : "A"
        for changed in [
            "8.1000.\(code)", "9.9999.\(code)", "9.1000.\(first)\(code.dropFirst())", "9.1000.",
        ] {
            #expect(throws: TicketRefusal.forAnother, "\(changed)") {
                try Ticket.check(changed, for: map, partition: 5, key: key, now: 0)
            }
        }
        let other = try #require(TicketKey(bytes: [UInt8](repeating: 8, count: 32)))
        #expect(throws: TicketRefusal.forAnother) { try Ticket.check(text, for: map, partition: 5, key: other, now: 0) }
    }

    @Test("A ticket ends, with some tolerance for the holder's clock")
    func end() {
        let last = 1_000 + Ticket.clockToleranceSeconds
        #expect(throws: Never.self) { try Ticket.check(text, for: map, partition: 5, key: key, now: last) }
        #expect(throws: TicketRefusal.ended(secondsAgo: 301)) {
            try Ticket.check(text, for: map, partition: 5, key: key, now: last + 1)
        }
    }

    @Test(
        "What is no ticket is called so",
        arguments: [
            "", "..", "9.1000", "x.1000.AA", "-9.1000.AA", "9.1e3.AA", "9.1000.!", "9.1000.AA.AA",
            String(repeating: "9", count: 500),
        ])
    func malformed(text: String) {
        #expect(throws: TicketRefusal.malformed) { try Ticket.check(text, for: map, partition: 5, key: key, now: 0) }
    }
}
