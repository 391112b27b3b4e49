import Model
import Testing

@testable import Access

@Suite struct TicketTests {
    private static func attempt(_ index: Int, _ number: Int, kind: TaskKind = .reduce, job: Int = 1) -> AttemptID {
        AttemptID(task: TaskID(job: JobID(number: job), kind: kind, index: index), number: number)
    }

    private let reduce = attempt(3, 2)
    private let key: TicketKey
    private let text: String

    init() throws {
        key = try #require(TicketKey(bytes: [UInt8](repeating: 7, count: 32)))
        text = Ticket(reduce: reduce, fetcher: WorkerID(number: 9), endsAt: 1_000).text(key: key)
    }

    @Test("A ticket says what it is for, until it ends")
    func valid() throws {
        let ticket = try Ticket.check(text, key: key, now: 1_000)
        #expect(ticket == Ticket(reduce: reduce, fetcher: WorkerID(number: 9), endsAt: 1_000))
        #expect(throws: TicketRefusal.ended(secondsAgo: 1)) { try Ticket.check(text, key: key, now: 1_001) }
    }

    @Test("Whoever changes anything of it has no ticket, and neither has who has another key")
    func changed() throws {
        let parts = text.split(separator: ".").map(String.init)
        let code = parts[3]
        let first = code.first == "A" ? "B" : "A"
        for changed in [
            "1-reduce-4-2.9.1000.\(code)", "1-reduce-3-1.9.1000.\(code)", "2-reduce-3-2.9.1000.\(code)",
            "1-reduce-3-2.8.1000.\(code)", "1-reduce-3-2.9.9999.\(code)",
            "1-reduce-3-2.9.1000.\(first)\(code.dropFirst())", "1-reduce-3-2.9.1000.",
        ] {
            #expect(throws: TicketRefusal.forged, "\(changed)") { try Ticket.check(changed, key: key, now: 0) }
        }
        let other = try #require(TicketKey(bytes: [UInt8](repeating: 8, count: 32)))
        #expect(throws: TicketRefusal.forged) { try Ticket.check(text, key: other, now: 0) }
    }

    @Test(
        "What is no ticket is called so",
        arguments: [
            "", "...", "1-reduce-3-2.9.1000", "1-map-3-2.9.1000.AA", "1-reduce-3-2.x.1000.AA",
            "1-reduce-3-2.-9.1000.AA", "1-reduce-3-2.9.1e3.AA", "1-reduce-3-2.9.1000.!", "1-reduce-3-2.9.1000.AA.AA",
            String(repeating: "9", count: 500),
        ])
    func malformed(text: String) {
        #expect(throws: TicketRefusal.malformed) { try Ticket.check(text, key: key, now: 0) }
    }

    @Test("The master's clock goes on at a holder by a clock that nobody sets")
    func clock() {
        let start = ContinuousClock.now
        let clock = MasterClock(seconds: 5_000, at: start)
        #expect(clock.seconds(at: start) == 5_000)
        #expect(clock.seconds(at: start + .seconds(61)) == 5_061)
    }
}
