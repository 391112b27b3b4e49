import Glibc

/// Runs what blocks on a thread of its own: whoever waits for a program must not occupy a thread of Swift's own pool.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        let work = Unmanaged.passRetained(Work { continuation.resume(with: Result(catching: body)) })
        var thread = pthread_t()
        let error = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, work.toOpaque())
        precondition(error == 0, "no thread: \(error)")
        pthread_detach(thread)
    }
}

private final class Work {
    let body: () -> Void
    init(_ body: @escaping () -> Void) { self.body = body }
}

struct DidNotHappen: Error, CustomStringConvertible {
    let description: String
}

/// Waits until `condition` gives a value, a minute at the most.
func eventually<Value>(_ event: String, _ condition: () throws -> Value?) async throws -> Value {
    let deadline = ContinuousClock.now + .seconds(60)
    while true {
        if let value = try condition() { return value }
        guard ContinuousClock.now < deadline else { throw DidNotHappen(description: "waited for \(event)") }
        try await Task.sleep(for: .milliseconds(5))
    }
}
