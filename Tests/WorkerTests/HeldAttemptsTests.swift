import Model
import Testing
import WorkerProtocol

@testable import Worker

@Suite("What a worker holds")
struct HeldAttemptsTests {
    private let begin = ContinuousClock.now

    private func assignments(_ indices: Range<Int>, kind: TaskKind = .map) -> [AssignmentMessage] {
        indices.map {
            AssignmentMessage(
                attempt: AttemptID(task: TaskID(job: JobID(number: 1), kind: kind, index: $0), number: 1),
                job: JobMessage(id: JobID(number: 1), application: ApplicationChoice(name: "a"), reduceCount: 1),
                work: .map(pieces: [], files: [:]))
        }
    }

    /// Runs one attempt after the other, each for as long.
    private func run(_ held: inout HeldAttempts, _ indices: Range<Int>, kind: TaskKind = .map, for length: Duration) {
        for index in indices {
            _ = held.add(assignments(index..<index + 1, kind: kind), at: begin)
            guard let (assignment, _) = held.start(at: begin) else { return #expect(Bool(false), "nothing waits") }
            held.end(AttemptReport(attempt: assignment.attempt, outcome: .handedBack), at: begin + length)
            _ = held.takeReports(countMax: 100, at: begin)
        }
    }

    @Test("at first, and while tasks are long, no more than the free slots are asked for")
    func long() {
        var held = HeldAttempts(slots: 2)
        #expect(held.capacity(at: begin) == 2)
        run(&held, 0..<20, for: .seconds(1))
        #expect(held.capacity(at: begin) == 2)
    }

    @Test("the queue of a worker with short tasks grows from poll to poll, up to what lasts some 60 ms")
    func short() {
        var held = HeldAttempts(slots: 1)
        run(&held, 0..<1, for: .milliseconds(2))
        #expect(held.capacity(at: begin) == 1 + 2)
        run(&held, 1..<20, for: .milliseconds(2))
        #expect(held.capacity(at: begin) == 1 + 30)
        run(&held, 20..<100, for: .microseconds(2))
        #expect(held.capacity(at: begin) == 1 + QueueAim.countMax)
    }

    @Test("who drains hands everything back at once, also what runs and does not notice, and takes nothing more")
    func draining() {
        var held = HeldAttempts(slots: 2)
        #expect(held.add(assignments(0..<4), at: begin) == 4)
        let first = held.start(at: begin)
        _ = held.start(at: begin)
        #expect(held.drain(at: begin) == 4)
        #expect(first?.1.isCancelled == true)
        #expect(Set(held.reports.map(\.attempt)) == Set(assignments(0..<4).map(\.attempt)))
        #expect(held.reports.allSatisfy { $0.outcome == .handedBack })
        #expect(held.capacity(at: begin) == 0 && held.attempts.isEmpty && !held.isIdle)
        for index in 0..<2 {
            held.end(
                AttemptReport(attempt: assignments(index..<index + 1)[0].attempt, outcome: .failed(reason: "late")),
                at: begin)
        }
        #expect(held.isIdle && held.reports.count == 4, "each is reported once")
        #expect(held.add(assignments(7..<8), at: begin) == 0)
        #expect(held.reports.last?.attempt == assignments(7..<8)[0].attempt)
    }

    @Test("an attempt that has been running for long counts as long before it ends")
    func stillRunning() {
        var held = HeldAttempts(slots: 1)
        run(&held, 0..<20, for: .milliseconds(1))
        _ = held.add(assignments(50..<51), at: begin)
        #expect(held.start(at: begin) != nil)
        #expect(held.capacity(at: begin + .milliseconds(70)) == 0)
    }

    @Test("how long reduce attempts take says nothing about map attempts")
    func reduces() {
        var held = HeldAttempts(slots: 1)
        run(&held, 0..<20, kind: .reduce, for: .milliseconds(1))
        #expect(held.capacity(at: begin) == 1)
    }

    @Test("attempts run in the order in which they came, no more at a time than there are slots, each once")
    func order() {
        var held = HeldAttempts(slots: 2)
        #expect(held.add(assignments(0..<3), at: begin) == 3)
        #expect(held.add(assignments(2..<5), at: begin) == 2)
        var started: [Int] = []
        while let (assignment, _) = held.start(at: begin) { started.append(assignment.attempt.task.index) }
        #expect(started == [0, 1])
        #expect(held.attempts.map(\.task.index) == [0, 1, 2, 3, 4])
        held.end(AttemptReport(attempt: assignments(1..<2)[0].attempt, outcome: .handedBack), at: begin)
        #expect(held.start(at: begin)?.0.attempt.task.index == 2)
        held.cancel(assignments(3..<4)[0].attempt)
        #expect(held.attempts.map(\.task.index) == [0, 2, 4])
    }

    @Test("an attempt is remembered until its report has been answered, and no longer, however many there are")
    func memory() {
        var held = HeldAttempts(slots: 1)
        for index in 0..<1_000 {
            let assignment = assignments(index..<index + 1)
            #expect(held.add(assignment, at: begin) == 1)
            #expect(held.start(at: begin) != nil)
            held.end(AttemptReport(attempt: assignment[0].attempt, outcome: .handedBack), at: begin)
            let reports = held.takeReports(countMax: 1, at: begin)
            #expect(held.add(assignment, at: begin) == 0, "its report is on the way")
            held.forget(reports)
            #expect(held.known.isEmpty)
        }
        #expect(held.add(assignments(0..<3), at: begin) == 3)
        held.cancel(assignments(0..<1)[0].attempt)
        held.handBackNext(at: begin)
        #expect(held.known.count == 2)
        held.forget(held.takeReports(countMax: 9, at: begin))
        #expect(held.known == [assignments(2..<3)[0].attempt])
    }

    @Test("a poll is due when half of the queue is done, or when a report has waited")
    func due() {
        var held = HeldAttempts(slots: 1)
        #expect(held.isPollDue(at: begin))
        _ = held.add(assignments(0..<9), at: begin)
        var now = begin
        var dueAt: Int?
        for index in 0..<9 where dueAt == nil {
            #expect(held.start(at: now) != nil)
            if held.isPollDue(at: now) { dueAt = index } else { now += .milliseconds(1) }
            held.end(AttemptReport(attempt: assignments(index..<index + 1)[0].attempt, outcome: .handedBack), at: now)
        }
        #expect(dueAt == 4)
        _ = held.add(assignments(20..<60), at: now)
        #expect(!held.isPollDue(at: now))
        #expect(held.nextLook.map { $0 <= now + HeldAttempts.gatheringMax } == true)
        #expect(held.isPollDue(at: now + HeldAttempts.gatheringMax))
    }

    @Test("a queue that waits for too long is handed back, and the next one is small")
    func handBack() {
        var held = HeldAttempts(slots: 1)
        run(&held, 0..<20, for: .milliseconds(1))
        _ = held.add(assignments(20..<30), at: begin)
        #expect(held.start(at: begin) != nil)
        held.handBackOverdue(at: begin + .milliseconds(299))
        #expect(held.count == 10)
        held.handBackOverdue(at: begin + .milliseconds(300))
        #expect(held.count == 1)
        #expect(held.reports.map(\.attempt.task.index) == Array(21..<30))
        #expect(held.reports.allSatisfy { $0.outcome == .handedBack })
        let running = assignments(20..<21)[0].attempt
        held.end(AttemptReport(attempt: running, outcome: .handedBack), at: begin + .milliseconds(301))
        #expect(held.capacity(at: begin) <= 2)
    }
}

@Suite("Threads of slots")
struct SlotThreadsTests {
    @Test("every attempt is run once, by as many threads as there are slots, and then they end", arguments: [1, 3])
    func runsAll(slots: Int) async {
        let (looks, look) = AsyncStream<Void>.makeStream()
        let threads = SlotThreads(slots: slots) { assignment, _ in
            .failed(reason: "\(assignment.attempt.task.index)")
        } wake: {
            look.yield()
        }
        let attempts = (0..<500).map {
            AttemptID(task: TaskID(job: JobID(number: 1), kind: .map, index: $0), number: 1)
        }
        threads.begin(
            attempts.map {
                AssignmentMessage(
                    attempt: $0,
                    job: JobMessage(id: JobID(number: 1), application: ApplicationChoice(name: "a"), reduceCount: 1),
                    work: .map(pieces: [], files: [:]))
            })
        var reports: [AttemptReport] = []
        let deadline = ContinuousClock.now + .seconds(30)
        for await _ in looks {
            reports += threads.withHeld { $0.takeReports(countMax: 1_000, at: .now) }
            if reports.count == attempts.count || ContinuousClock.now > deadline { break }
        }
        #expect(reports.map(\.attempt).sorted() == attempts)
        #expect(reports.allSatisfy { $0.outcome == .failed(reason: "\($0.attempt.task.index)") })
        threads.close()
        #expect(threads.withHeld(\.isIdle))
    }
}
