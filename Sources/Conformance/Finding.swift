/// Why a worker is not right: what was expected, what it did, and what would mend it.
struct Finding: Error, Hashable, CustomStringConvertible {
    let expected: String
    let got: String
    let advice: String

    init(expected: String, got: String, advice: String) {
        self.expected = expected
        self.got = got
        self.advice = advice
    }

    var description: String { "expected \(expected); got \(got); \(advice)" }
}

/// A case that can't be tried on this worker.
struct NotTried: Error, Hashable {
    let reason: String
}

/// What this machine, and not the worker, failed at.
package struct StageError: Error, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
