import Synchronization

/// How many bytes of one kind a server may hold, all connections together, because a limit for each bounds no crowd of
/// them: of long documents that have been taken in and not yet handed to their methods, and of long answers that their
/// clients have not taken.
final class ByteBudget: Sendable {
    let byteCountMax: Int
    private let taken = Atomic(0)

    init(byteCountMax: Int) {
        self.byteCountMax = byteCountMax
    }

    /// Every byte that is taken is to be given back, also when it was too many.
    ///
    /// - Returns: Whether there is room for them.
    func take(_ byteCount: Int) -> Bool {
        taken.add(byteCount, ordering: .relaxed).newValue <= byteCountMax
    }

    func giveBack(_ byteCount: Int) {
        let left = taken.subtract(byteCount, ordering: .relaxed).newValue
        precondition(left >= 0, "more is given back than was taken")
    }

    var takenByteCount: Int { taken.load(ordering: .relaxed) }
}
