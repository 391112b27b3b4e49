import Dispatch
import Synchronization

/// Waits on a slot's own thread for something asynchronous. Never to be called from a task of Swift concurrency.
enum Blocking {
    static func wait<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) throws -> Value {
        let done = DispatchSemaphore(value: 0)
        let outcome = Outcome<Value>()
        Task {
            do {
                outcome.set(.success(try await body()))
            } catch {
                outcome.set(.failure(error))
            }
            done.signal()
        }
        done.wait()
        return try outcome.get()
    }

    private final class Outcome<Value: Sendable>: Sendable {
        private let result: Mutex<Result<Value, any Error>?> = Mutex(nil)

        func set(_ value: Result<Value, any Error>) { result.withLock { $0 = value } }

        func get() throws -> Value {
            guard let result = result.withLock({ $0 }) else { preconditionFailure("waited for, and not there") }
            return try result.get()
        }
    }
}
