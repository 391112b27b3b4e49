import NIOCore
import NIOPosix

/// The threads that servers and clients of this process share: a few event loops, which never block, and a pool for
/// work that may (files, disks, pages to compute).
///
/// Whoever makes it ends it: `shutdown()` after every server and client that uses it.
package final class TransportThreads: Sendable {
    let group: MultiThreadedEventLoopGroup
    let pool: NIOThreadPool
    private let isShared: Bool

    /// Those that every program with SwiftNIO has, as many as the machine has cores: made when first used, and never
    /// shut down.
    package static let shared = TransportThreads(group: .singleton, pool: .singleton)

    private init(group: MultiThreadedEventLoopGroup, pool: NIOThreadPool) {
        DescriptorLimit.raise()
        self.group = group
        self.pool = pool
        isShared = true
    }

    /// - Parameters:
    ///   - eventLoopCount: Threads for sockets; 1 or more.
    ///   - blockingThreadCount: Threads for routes, file writing and `runBlocking`; 1 or more.
    ///
    /// Raises the limit of descriptors of the process: each connection needs one.
    package init(eventLoopCount: Int = 2, blockingThreadCount: Int = 4) {
        precondition(eventLoopCount >= 1 && blockingThreadCount >= 1, "a transport needs threads")
        DescriptorLimit.raise()
        group = MultiThreadedEventLoopGroup(numberOfThreads: eventLoopCount)
        pool = NIOThreadPool(numberOfThreads: blockingThreadCount)
        isShared = false
        pool.start()
    }

    /// Runs `body` once after `delay`, on an event loop: it must not block.
    package func schedule(after delay: Duration, _ body: @escaping @Sendable () -> Void) -> ScheduledTimer {
        let scheduled = group.next().scheduleTask(in: TimeAmount(delay)) { body() }
        return ScheduledTimer { scheduled.cancel() }
    }

    /// Runs `body` every `interval`, first after one `interval`, on one event loop: it must not block. A run that is
    /// late delays the next one; runs never pile up.
    package func scheduleRepeatedly(every interval: Duration, _ body: @escaping @Sendable () -> Void) -> ScheduledTimer
    {
        let interval = TimeAmount(interval)
        let task = group.next().scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in body() }
        return ScheduledTimer { task.cancel() }
    }

    /// Runs `body` on the pool and waits for it without blocking a thread of the caller. Throws what `body` throws, or
    /// `CancellationError` when the task is cancelled, or the threads are shut down, before `body` begins.
    package func runBlocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await pool.runIfActive(body)
    }

    /// Ends the threads, unless they are shared; what is queued for the pool is dropped.
    package func shutdown() async throws {
        if isShared { return }
        try await pool.shutdownGracefully()
        try await group.shutdownGracefully()
    }
}

/// A timer that has been set; dropping it leaves it set.
package struct ScheduledTimer: Sendable {
    private let onCancel: @Sendable () -> Void

    init(onCancel: @escaping @Sendable () -> Void) {
        self.onCancel = onCancel
    }

    /// Keeps the body from being run (again). A run that has begun on another thread goes on.
    package func cancel() { onCancel() }
}
