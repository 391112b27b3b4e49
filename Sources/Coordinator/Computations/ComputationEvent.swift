package import Center
package import DataProtocol
package import Model

/// What happens to data workers, to what they hold, and to computations.
package enum ComputationEvent: Hashable, Sendable {
    case workerRegistered(CenterProfile, holding: [HeldObject], request: RequestID)
    case workerHeard(address: String, request: RequestID)
    /// It says goodbye.
    case workerLeft(address: String, request: RequestID)
    /// A call to it failed, or what it said proves that it is not what it was.
    case workerLost(address: String, reason: String)
    case objectsAdded([HeldObject], address: String, request: RequestID)
    case objectsRemoved([ObjectKey], address: String, request: RequestID)

    /// They run when their inputs are there, in this order where nothing else decides.
    case submitted([Computation], request: RequestID)
    /// A worker has computed this by itself.
    case computed(Computation, HeldObject, address: String, request: RequestID)
    case attemptsEnded([ComputationReport], address: String, request: RequestID)
    /// Somebody waits for these: what was lost of them is made again.
    case wanted([ObjectKey])
    case cancelled([ObjectKey], request: RequestID)
    /// Nobody asks for these any more.
    case forgotten([ObjectKey], request: RequestID)
}

/// What must be done for computations.
package enum ComputationEffect: Hashable, Sendable {
    case run([ComputationAttempt], address: String)
    /// They are no longer wanted.
    case cancel([ObjectKey], address: String)
    /// Nobody needs these any more.
    case drop([ObjectKey], address: String)
    /// What an attempt left there is not wanted.
    case discard(ObjectKey, number: Int, address: String)
    /// Somebody could not get these there: find out whether the worker lives, and has them.
    case probe([ObjectKey], address: String)
    /// These are over, or are there.
    case changed([ObjectKey])
}

/// One try at a computation.
package struct ComputationAttempt: Hashable, Sendable {
    package let computation: Computation
    /// From 1, never used again.
    package let number: Int
    package let inputs: [ObjectSources]
}

/// Who holds an object: the best to ask first.
package struct ObjectSources: Hashable, Sendable {
    package let key: ObjectKey
    package let holders: [String]
}

package enum ComputationReply: Hashable, Sendable {
    case done
    /// No worker is registered at that address.
    case unknownWorker
    case refused(reason: String)
    /// All but these, which are not what they should be any more: the worker is to delete them.
    case kept(refused: [ObjectKey])
    /// How many were not over, or were known.
    case counted(Int)
    /// How many were known, and what is to be deleted where before they are gone.
    case forgotten(count: Int, drops: [ObjectsAtWorker])
}

/// How data workers and their keys come, go and are lost.
package enum ComputationNotice: Hashable, Sendable {
    case workerJoined(address: String, coreCount: Int)
    case workerLeft(address: String, lostCount: Int)
    case workerLost(address: String, reason: String, lostCount: Int)
    case madeAgain(keyCount: Int)

    package var isTrouble: Bool {
        switch self {
        case .workerLost: true
        case .workerJoined, .workerLeft, .madeAgain: false
        }
    }
}

extension ComputationNotice: CustomStringConvertible {
    package var description: String {
        switch self {
        case .workerJoined(let address, let coreCount):
            "data worker \(address) has registered, with \(coreCount) core\(coreCount == 1 ? "" : "s")"
        case .workerLeft(let address, let lostCount): "data worker \(address) has left\(Self.told(lostCount))"
        case .workerLost(let address, let reason, let lostCount):
            "data worker \(address) is lost: \(reason)\(Self.told(lostCount))"
        case .madeAgain(let keyCount):
            "\(keyCount) key\(keyCount == 1 ? " that is needed and was lost is" : "s that are needed and were lost are") made again"
        }
    }

    private static func told(_ lostCount: Int) -> String {
        lostCount == 0 ? "" : "; nobody else holds \(lostCount) key\(lostCount == 1 ? "" : "s") that it held"
    }
}
