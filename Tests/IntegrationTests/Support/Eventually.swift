/// How long a test waits for an event before it fails. Generous: nothing waits that long unless something is wrong.
enum Deadline {
    static let usual: Duration = .seconds(60)
    static let long: Duration = .seconds(120)
}

struct DidNotHappen: Error, CustomStringConvertible {
    let description: String
}

/// Waits until `condition` gives a value, and no longer than `limit`.
///
/// - Parameter orTell: What the failure shows beside the event that did not come.
func eventually<Value>(
    _ event: String, within limit: Duration = Deadline.usual, _ condition: () async throws -> Value?,
    orTell details: () -> String = { "" }
) async throws -> Value {
    let deadline = ContinuousClock.now + limit
    while true {
        if let value = try await condition() { return value }
        guard ContinuousClock.now < deadline else {
            throw DidNotHappen(description: "waited \(limit) for \(event), which did not come. \(details())")
        }
        try await Task.sleep(for: .milliseconds(5))
    }
}

/// Waits until `condition` holds.
func eventually(
    _ event: String, within limit: Duration = Deadline.usual, _ condition: () async throws -> Bool,
    orTell details: () -> String = { "" }
) async throws {
    let _: Void = try await eventually(event, within: limit, { try await condition() ? () : nil }, orTell: details)
}
