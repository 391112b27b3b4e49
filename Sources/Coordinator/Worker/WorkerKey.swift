package import Model

/// Who holds an attempt: a worker of the full protocol, or one of the simple calls, which has only its name.
package enum WorkerKey: Hashable, Comparable, Sendable {
    case full(WorkerID)
    case simple(name: String)

    package static func < (left: WorkerKey, right: WorkerKey) -> Bool {
        switch (left, right) {
        case (.full(let one), .full(let other)): one < other
        case (.simple(let one), .simple(let other)): one < other
        case (.full, .simple): true
        case (.simple, .full): false
        }
    }

    /// Who serves the output of a map attempt that this worker ran; nil is the master itself.
    var holder: WorkerID? {
        switch self {
        case .full(let id): id
        case .simple: nil
        }
    }
}
