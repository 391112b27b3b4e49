/// Why a worker stopped.
package enum WorkerEnd: Hashable, Sendable {
    case jobOver(reason: String)
    case interrupted(by: String)
    /// It was asked to leave in peace, and did.
    case drained
}
