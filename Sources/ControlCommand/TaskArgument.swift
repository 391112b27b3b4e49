import CommandSupport
import LocalMachine
import Model

/// Tasks and attempts as they are typed.
enum TaskArgument {
    /// - Parameter text: `1-map-3`, or `map-3` for the first job.
    static func task(_ text: String) throws(ProgramFailure) -> TaskID {
        guard let task = TaskID(name: text) ?? TaskID(name: "1-" + text) else {
            throw .wrongUsage(
                "'\(shown(text))' is not a task; write it like 1-map-3 or 1-reduce-0 (mr-ctl tasks lists them)")
        }
        return task
    }

    /// - Parameter text: A task, or one attempt of it: `1-map-3/2` or `1-map-3-2`.
    /// - Returns: nil for the number where all attempts of the task are meant.
    static func taskOrAttempt(_ text: String) throws(ProgramFailure) -> (task: TaskID, number: Int?) {
        if let attempt = AttemptID(name: text) ?? AttemptID(name: "1-" + text) { return (attempt.task, attempt.number) }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return (try task(text), nil) }
        let named = try task(String(parts[0]))
        guard let number = AttemptID(name: "\(named.name)-\(parts[1])")?.number else {
            throw .wrongUsage("'\(shown(text))' is not an attempt; write it like 1-map-3/2, the first being 1")
        }
        return (named, number)
    }

    private static func shown(_ text: String) -> String { DisplayName.of(RawArguments.bytes(of: text)) }
}
