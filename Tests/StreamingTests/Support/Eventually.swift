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
