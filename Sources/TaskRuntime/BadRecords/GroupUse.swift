/// What the sorted groups of a reduce task are merged for.
enum GroupUse {
    /// They are reduced, some or all, and the part is written.
    case output(GroupSelection?)
    /// Some are reduced, and what comes of it is dropped.
    case trial(GroupSelection)
    /// They are looked at.
    case look((any GroupStream) throws -> Void)

    var keepsOutput: Bool {
        switch self {
        case .output: true
        case .trial, .look: false
        }
    }
}
