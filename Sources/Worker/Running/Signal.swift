import Model
import WorkerProtocol

/// What a worker's loop waits for. Those of an earlier session are told apart by its number, and dropped.
struct Signal: Sendable {
    let session: Int
    let content: Content

    enum Content: Sendable {
        case registered(Result<RegisterAnswer, any Error>)
        case polled(sequence: Int, Result<PollResponse, any Error>)
        /// What the slots hold is to be looked at: attempts have ended, or time has passed.
        case lookDue
        /// A wait before the next try is over.
        case retryDue
        /// A wait for something that did not come is over.
        case patienceEnded
        /// Somebody wants this worker to leave in peace.
        case drain(by: String)
        /// It has drained for as long as it may.
        case drainTimedOut
        /// The folder for temporary files was deleted from outside.
        case scratchGone
        /// The user or the system wants the process to end.
        case interrupted(by: String)
    }
}
