import Coordinator
import HeapModule
import Model

/// What is still to happen in a simulated run, earliest first; what is due at the same moment keeps its order.
struct Agenda: Sendable {
    private var heap = Heap<Entry>()
    private var entered: UInt64 = 0

    struct Entry: Comparable, Sendable {
        let time: JobTime
        let place: UInt64
        let happening: Happening

        static func < (left: Entry, right: Entry) -> Bool {
            left.time != right.time ? left.time < right.time : left.place < right.place
        }
        static func == (left: Entry, right: Entry) -> Bool { left.place == right.place }
    }

    mutating func enter(_ happening: Happening, at time: JobTime) {
        entered += 1
        heap.insert(Entry(time: time, place: entered, happening: happening))
    }

    mutating func next() -> Entry? { heap.popMin() }
}

enum Happening: Sendable {
    case callArrives(Call)
    /// The caller closed its connection.
    case hangUpArrives(Call)
    case replyArrives(Call, Reply)
    case wake(Address, Alarm)
    /// What a master began to do ends only if it still lives.
    case commitEnds(AttemptID, master: Int)
    case finishEnds(JobID, master: Int)
    /// A map output that a worker hands over begins to come to the master, and has come.
    case handOverArrives(AttemptID, [SplitPiece])
    case handOverEnds(AttemptID, [SplitPiece], master: Int)
    case masterStarts
    /// It had been interrupted.
    case masterExits(master: Int)
    case tick
    /// The next larger fault.
    case strike
    case heal
}

/// One process: it dies with its incarnation.
struct Address: Hashable, Sendable {
    let isSimple: Bool
    let index: Int
    let incarnation: Int
}

/// One HTTP request of a worker.
struct Call: Hashable, Sendable {
    let from: Address
    /// Unique per worker process; a message that the network doubles keeps it.
    let token: Int
    let content: Content

    enum Content: Hashable, Sendable {
        case register(WorkerProfile)
        case poll(Poll)
        case leave(WorkerID)
        /// By somebody who watches the job.
        case drain(WorkerID)
        case simpleRegister
        case simpleRequest
        case simpleComplete(AttemptID, [SplitPiece])
    }
}

enum Alarm: Hashable, Sendable {
    case start
    case callTimesOut(token: Int)
    case pollAgain
    /// A reduce attempt brings in its map outputs.
    case fetch(AttemptID)
    case attemptEnds(AttemptID)
    /// It should have begun to run by now.
    case queueOverdue(AttemptID)
    /// It begins to send a map output to the master.
    case handOver(AttemptID)
    /// Its connection to the master broke meanwhile.
    case handOverFails(AttemptID)
    /// A draining worker has waited for long enough.
    case drainTimesOut
}
