/// Which map outputs a reduce attempt could not bring in, by what their holders had to say.
package struct FetchFailure: Hashable, Sendable {
    /// They are not there, or nobody can say why: each is made again, once.
    package let lost: [MapOutputID]
    /// Something is there, and is not what was made: a checksum, a length or a name is wrong. Made again too, and held against
    /// their holder.
    package let damaged: [MapOutputID]
    /// Their holders did not answer this worker. They may answer the master.
    package let unreachable: [MapOutputID]
    package let reason: String

    package init(
        lost: [MapOutputID] = [], damaged: [MapOutputID] = [], unreachable: [MapOutputID] = [], reason: String
    ) {
        self.lost = lost
        self.damaged = damaged
        self.unreachable = unreachable
        self.reason = reason
    }

    package var all: [MapOutputID] { lost + damaged + unreachable }
}

extension AttemptOutcome {
    /// Map outputs that are simply lost.
    package static func fetchFailed(_ lost: [MapOutputID], reason: String) -> AttemptOutcome {
        .fetchFailed(FetchFailure(lost: lost, reason: reason))
    }
}
