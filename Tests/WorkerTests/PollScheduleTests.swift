import Model
import Testing
import TestSupport
import WorkerProtocol

@testable import Worker

@Suite("When a worker polls")
struct PollScheduleTests {
    private var schedule = PollSchedule(worker: WorkerID(number: 1), instance: "i", waitMax: .seconds(3))
    private let report = AttemptReport(
        attempt: AttemptID(task: TaskID(job: JobID(number: 1), kind: .map, index: 0), number: 1), outcome: .handedBack)

    private mutating func take(_ reports: [AttemptReport] = [], mayRetry: Bool = true) -> [PollRequest] {
        var held = HeldAttempts(slots: 1)
        held.addFirst(reports, at: .now)
        return schedule.take(&held, at: .now, mayRetry: mayRetry)
    }

    @Test("one poll is always under way, and no more while there is nothing to report")
    mutating func one() {
        #expect(take().map(\.sequence) == [1])
        #expect(take().isEmpty)
        #expect(schedule.answered(1)?.sequence == 1)
        #expect(take().map(\.sequence) == [2])
    }

    @Test("a report overtakes the poll that waits, but a second one waits for an answer")
    mutating func overtaking() {
        _ = take()
        #expect(take([report]).first?.reports == [report])
        #expect(take([report]).isEmpty)
        _ = schedule.answered(1)
        #expect(take([report]).map(\.sequence) == [3])
    }

    @Test("that it drains is said at once, beside the poll that waits, and in every poll from then on")
    mutating func draining() {
        #expect(take().map(\.isDraining) == [false])
        schedule.drain()
        #expect(take().map(\.isDraining) == [true])
        #expect(take().isEmpty, "once is enough while a poll waits")
        _ = schedule.answered(1)
        _ = schedule.answered(2)
        schedule.handingOverCount = 3
        let next = take()
        #expect(next.map(\.isDraining) == [true] && next.map(\.handingOverCount) == [3])
    }

    @Test("a failed poll is sent again word for word, when the wait is over, before any new one")
    mutating func retry() {
        let first = take([report])
        schedule.failed(1)
        #expect(take(mayRetry: false).isEmpty)
        #expect(take([report], mayRetry: true) == first)
        _ = schedule.answered(1)
        #expect(take().map(\.sequence) == [2])
    }

    @Test("the reports of a poll that the master will never take come back, and the next poll goes on")
    mutating func refusal() {
        _ = take([report])
        #expect(schedule.refused(1) == [report])
        #expect(take().map(\.sequence) == [2])
    }

    @Test("more reports than fit one poll go with the next")
    mutating func manyReports() {
        var held = HeldAttempts(slots: 1)
        held.addFirst([AttemptReport](repeating: report, count: PollSchedule.reportsMax + 1), at: .now)
        let first = schedule.take(&held, at: .now, mayRetry: true)
        #expect(first.first?.reports.count == PollSchedule.reportsMax)
        #expect(held.reports.count == 1)
    }

    @Test("an answer that was not awaited is no one's")
    mutating func stray() {
        #expect(schedule.answered(7) == nil)
    }
}

@Suite("Waiting between tries")
struct BackoffTests {
    @Test("stays between a tenth of the limit and the limit, which doubles up to its cap", arguments: UInt64(0)..<50)
    func range(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var backoff = Backoff(base: .milliseconds(50), cap: .seconds(5))
        var limit: Duration = .milliseconds(50)
        for _ in 0..<12 {
            let wait = backoff.next(using: &random)
            #expect(wait >= limit / 10 && wait <= limit, "seed \(seed)")
            limit = min(limit * 2, .seconds(5))
        }
        backoff.reset()
        #expect(backoff.next(using: &random) <= .milliseconds(50), "seed \(seed)")
    }
}

@Suite("Reasons of failures")
struct ReasonTextTests {
    private struct Trouble: Error, CustomStringConvertible {
        let description: String
    }

    @Test("travel as text: control characters as escapes, lines as lines")
    func escapes() {
        #expect(ReasonText.of(Trouble(description: "a\u{1}b\nc")) == "a\\x01b\nc")
    }

    @Test("are cut, and say so")
    func length() {
        let text = ReasonText.of(Trouble(description: String(repeating: "x", count: 100_000)))
        #expect(text.utf8.count < ReasonText.byteCountMax + 100)
        #expect(text.hasSuffix("[... 95904 more bytes left out]"))
    }
}
