package import Coordinator

/// How one simulated run went.
package struct SimulationReport: Sendable {
    package let seed: UInt64
    /// One per job; all but the last failed with an explanation.
    package let outcomes: [JobOutcome]
    /// What was wrong; the run stops at the first.
    package let violations: [String]
    package let eventCount: Int
    /// In simulated time.
    package let length: Duration
    /// Expired leases, failures, lost outputs and workers, stale completions.
    package let setbackCount: Int
    /// The last events and what they caused, as text; only of a run that went wrong.
    package let trace: [String]

    package var isGood: Bool { violations.isEmpty }

    package var complaint: String {
        "seed \(seed) after \(eventCount) events and \(length): \(violations.joined(separator: "; "))\n"
            + "replay it with: mr-simulate --seed \(seed)"
    }
}
