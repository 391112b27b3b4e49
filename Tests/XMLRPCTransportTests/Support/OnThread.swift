import Foundation

/// Runs what blocks or keeps time on a thread of its own, so that a busy test run doesn't disturb it.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result(catching: body)) }
    }
}

func pause(milliseconds: UInt32) { usleep(milliseconds * 1_000) }
