import Logging
import NIOCore
import Testing
import XMLRPC

@testable import XMLRPCTransport

@Suite struct LogTests {
    @Test("Five lines of a kind are written per second; the others are counted, and the count is asked for once")
    func allowance() {
        var allowance = LineAllowance()
        let begin = NIODeadline.uptimeNanoseconds(1_000_000_000)
        let end = begin + .seconds(1)
        for index in 0..<5 {
            #expect(allowance.decide(now: begin + .milliseconds(Int64(index))) == .write)
        }
        #expect(allowance.decide(now: begin + .milliseconds(10)) == .withhold(summaryAt: end))
        for _ in 0..<100 {
            #expect(allowance.decide(now: end - .nanoseconds(1)) == .withhold(summaryAt: nil))
        }
        #expect(allowance.takeWithheld() == 101)
        #expect(allowance.takeWithheld() == 0)
        for _ in 0..<5 { #expect(allowance.decide(now: end) == .write) }
        #expect(allowance.decide(now: end) == .withhold(summaryAt: end + .seconds(1)))
    }

    @Test("Refusals that nobody gets who means well are told of where ordinary ones are not")
    func levels() {
        func level(_ status: Int) -> Logger.Level { StrangerLog.kind(ofRefusal: status).level }
        for status in [400, 401, 403, 408, 411, 413, 414, 429, 431, 500, 503] { #expect(level(status) == .notice) }
        for status in [404, 405, 409, 410, 412, 416] { #expect(level(status) == .info) }
    }

    @Test("A flood of refused requests is a few lines and a count, and doesn't hide lines of other kinds")
    func flood() async throws {
        let recorder = LogRecorder()
        let begin = ContinuousClock.now
        try await TestServer.run(log: recorder) { server in
            let connection = try RawConnection(port: server.port)
            for _ in 0..<100 {
                try connection.send(Requests.get("/none"))
                #expect(try await connection.receiveAnswer().status == 404)
            }
            let other = try RawConnection(port: server.port)
            try other.send("BREW / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await other.receiveAnswer().status == 501)
        }
        let lines = recorder.lines.all
        let secondsMax = Int((ContinuousClock.now - begin) / .seconds(1)) + 2
        let refused = lines.count { $0.hasPrefix("info request refused reason=") }
        #expect(5...5 * secondsMax ~= refused)
        let summaries = lines.filter { $0.hasPrefix("info request refused, and ") }
        #expect(summaries.allSatisfy { $0.contains(" more in the last second") })
        let withheld = summaries.compactMap { Int($0.split(separator: " ")[4]) }.reduce(0, +)
        #expect(refused + withheld == 100)
        #expect(lines.count { $0.hasPrefix("notice request refused reason=") } == 1)
    }
}
