package import Center
package import DataProtocol
import Model

// What others ask of computations and data workers.

extension Coordinator {
    var computationTerms: ComputationTerms {
        ComputationTerms(
            now: now, graceEnds: graceEnds, leaseLength: policy.leaseLength, lossesMax: policy.lossesMax,
            handsOut: interruption == nil)
    }

    /// Who has what.
    package var center: CenterTable { computations.center }

    package func computationStatus(of key: ObjectKey) -> ComputationStatus { computations.status(of: key) }

    /// Why a worker may not compute this by itself; nil if it may.
    package func objection(to computation: Computation, from address: String) -> String? {
        computations.objection(to: computation, from: address)
    }

    /// Whether nobody holds what was made, so that somebody must ask for it to be made again.
    package func isLost(_ key: ObjectKey) -> Bool {
        computations.records[key]?.phase == .completed && !computations.isHeld(key)
    }

    /// nil where it is not known how an object is made.
    package func computation(of key: ObjectKey) -> Computation? { computations.records[key]?.computation }

    /// Computations that are known, and those of them that are not over.
    package var computationCounts: (known: Int, open: Int) {
        (computations.records.count, computations.records.values.count { !$0.isOver })
    }
}
