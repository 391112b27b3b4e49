/// For how long a program has done nothing that can be seen while its attempt waited for it.
///
/// It adds up the waits that ended without anything, and looks at no clock: where this process or the whole machine is
/// stopped for a while, a program is not taken for hung because of that.
struct Silence {
    /// nil for no limit.
    let max: Duration?
    private var length = Duration.zero

    init(max: Duration?) { self.max = max }

    mutating func grow(by waited: Duration) { length += waited }

    mutating func end() { length = .zero }

    /// The limit, if the silence is as long.
    var limitReached: Duration? { max.flatMap { length >= $0 ? $0 : nil } }
}
