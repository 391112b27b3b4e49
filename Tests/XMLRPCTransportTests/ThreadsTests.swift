import Testing
import XMLRPCTransport

@Suite struct ThreadsTests {
    @Test("A timer runs once, a repeated one again and again until it is cancelled")
    func timers() async throws {
        let threads = TransportThreads(eventLoopCount: 1, blockingThreadCount: 1)
        let (once, repeated, never) = (EventList<Int>(), EventList<Int>(), EventList<Int>())
        let cancelled = threads.schedule(after: .milliseconds(20)) { never.append(1) }
        cancelled.cancel()
        _ = threads.schedule(after: .milliseconds(1)) { once.append(1) }
        let timer = threads.scheduleRepeatedly(every: .milliseconds(10)) { repeated.append(1) }
        _ = try await repeated.wait(for: 5)
        timer.cancel()
        #expect(once.all == [1])
        #expect(never.all == [])
        try await threads.shutdown()
    }

    @Test("Blocking work gives back its value or its error")
    func blocking() async throws {
        struct Failure: Error {}
        let threads = TransportThreads(eventLoopCount: 1, blockingThreadCount: 1)
        #expect(try await threads.runBlocking { 7 } == 7)
        await #expect(throws: Failure.self) { try await threads.runBlocking { throw Failure() } }
        try await threads.shutdown()
    }
}
