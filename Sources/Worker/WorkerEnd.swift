/// Why a worker stopped.
package enum WorkerEnd: Hashable, Sendable {
    case jobOver(reason: String)
    case interrupted(by: String)
    /// A master does not want it, or is another than it was told of.
    case refused(reason: String)
    /// It was asked to leave in peace, and did.
    case drained
}
