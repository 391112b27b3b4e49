import Testing
import XMLRPC

@testable import Conformance

@Suite("Rules of every poll, in mr-ctl conform")
struct DisciplineTests {
    private static let attempt = "1-map-2-1"

    private let transcript = Transcript()
    private let start = ContinuousClock.now - .seconds(60)

    /// A poll that began so many seconds after the start, and was answered at once.
    @discardableResult
    private func poll(
        _ sequence: Int32, at seconds: Int, reports: Bool = false, running: Bool = false, assigns: Bool = false,
        isAnswered: Bool = true
    ) throws -> Int {
        let report: XMLRPCValue = .structure(["attempt": .string(Self.attempt), "outcome": .string("succeeded")])
        let document = MethodCall(
            methodName: "worker.poll",
            parameters: [
                .structure([
                    "worker": .int(1), "instance": .string("a"), "sequence": .int(sequence), "capacity": .int(1),
                    "reports": .array(reports ? [report] : []),
                    "running": .array(running ? [.string(Self.attempt)] : []),
                ])
            ])
        let began = start + .seconds(seconds)
        let exchange = try #require(
            transcript.begin(method: "POST", path: "/RPC2", secret: nil, call: .success(document), at: began))
        guard isAnswered else { return exchange.number }
        let assignment: XMLRPCValue = .structure(["attempt": .string(Self.attempt)])
        transcript.update(exchange.number) {
            $0.status = 200
            $0.response = .value(
                .structure([
                    "assignments": .array(assigns ? [assignment] : []),
                    "verdicts": .array(reports ? [.string("accepted")] : []),
                ]))
            $0.delivered = began
        }
        return exchange.number
    }

    @Test("An attempt that was handed out is in the polls after it")
    func listed() throws {
        try poll(3, at: 0, assigns: true)
        try poll(4, at: 2, running: true)
        try poll(5, at: 4, reports: true)
        try poll(6, at: 6)
        try Discipline(transcript).check()
    }

    @Test("One that is in none of them is found")
    func unlisted() throws {
        try poll(3, at: 0, assigns: true)
        try poll(4, at: 2)
        try poll(5, at: 4)
        let finding = try #require(throws: Finding.self) { try Discipline(transcript).check() }
        #expect(finding.got == "a poll with neither (sequence 5)")
    }

    @Test("Two polls that are sent again at once may overtake each other")
    func overtaken() throws {
        try poll(3, at: 0, assigns: true)
        try poll(5, at: 2)
        try poll(4, at: 3, reports: true)
        try Discipline(transcript).check()
    }

    @Test("What was being written when all connections were cut may never have been read")
    func cut() throws {
        let number = try poll(3, at: 0, assigns: true)
        transcript.doubtDeliveries(at: start + .milliseconds(200))
        #expect(transcript.all[number].delivered == nil)
        try poll(3, at: 2)
        try poll(4, at: 4)
        try poll(5, at: 6)
        try Discipline(transcript).check()
    }

    @Test("What was written long before was read")
    func readBefore() throws {
        let number = try poll(3, at: 0, assigns: true)
        transcript.doubtDeliveries(at: start + .seconds(1))
        #expect(transcript.all[number].delivered != nil)
    }
}
