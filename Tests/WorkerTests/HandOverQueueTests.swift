import Model
import Synchronization
import Testing

@testable import Worker

@Suite("Map output on its way to the master")
struct HandOverQueueTests {
    private func map(_ index: Int) -> AttemptID {
        AttemptID(task: TaskID(job: JobID(number: 1), kind: .map, index: index), number: 1)
    }

    private struct Refusal: Error {}

    @Test("Each output is sent once, in order, however often it is asked for; failures are told, and the rest goes on")
    func inOrder() async {
        let sent = Mutex<[AttemptID]>([])
        let failed = Mutex<[AttemptID]>([])
        let (begun, begin) = AsyncStream<Void>.makeStream()
        let (ends, end) = AsyncStream<AttemptID>.makeStream()
        let bad = map(1)
        let last = map(2)
        let queue = HandOverQueue { attempt in
            for await _ in begun { break }
            sent.withLock { $0.append(attempt) }
            if attempt == bad { throw Refusal() }
            if attempt == last { end.yield(attempt) }
        } onFailure: { attempt, _ in
            failed.withLock { $0.append(attempt) }
        }
        queue.add([map(0), map(1), map(1)])
        queue.add([map(0), map(2)])
        #expect(queue.count == 3)
        for _ in 0..<3 { begin.yield() }
        for await _ in ends { break }
        #expect(sent.withLock { $0 } == [map(0), map(1), map(2)])
        #expect(failed.withLock { $0 } == [bad])
    }

    @Test("A queue that is closed sends nothing more")
    func closed() {
        let queue = HandOverQueue { _ in
            Issue.record("sent")
        } onFailure: { _, _ in
        }
        queue.close()
        queue.add([map(0)])
        #expect(queue.count == 0)
    }
}
