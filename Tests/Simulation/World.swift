import Coordinator
import Model
import TestSupport

/// What the processes of a simulated cluster share: chance, files, and who can reach whom.
struct World: Sendable {
    var random: SplitMix64
    var weather: Scenario.Weather
    var files = ModelFiles()
    var now = JobTime.zero
    /// As in the jobs' plans.
    var skippedRecordsMax = 0
    /// Which process a worker number belongs to.
    var processes: [WorkerID: Address] = [:]
    /// Data services that answer nobody until then.
    var unreachableUntil: [Address: JobTime] = [:]
    /// Pairs of workers that can't reach each other, ever.
    var apart: Set<Set<Address>> = []
    /// Processes that are gone: nobody listens at their data ports.
    var dead: Set<Address> = []
    /// Workers whose messages to and from the master all disappear until then.
    var cutOffUntil: [Address: JobTime] = [:]
    /// Reduce attempts that the coordinator calls running.
    var uploadable: Set<AttemptID> = []

    enum Fetched {
        case found([SplitPiece])
        case missing, damaged, unreachable
    }

    func fetch(_ map: AttemptID, heldBy holder: WorkerID?, for reader: Address) -> Fetched {
        let process = holder.flatMap { processes[$0] }
        if let process, process != reader, isUnreachable(process, for: reader) { return .unreachable }
        guard holder == nil || process != nil, let pieces = files.read(map, at: process) else { return .missing }
        return files.isSpoiled(map, at: process) ? .damaged : .found(pieces)
    }

    /// A worker reads its own files without any network.
    private func isUnreachable(_ process: Address, for reader: Address) -> Bool {
        if dead.contains(process) || unreachableUntil[process, default: .zero] > now { return true }
        return apart.contains([process, reader])
    }

    func mayUpload(_ attempt: AttemptID) -> Bool { uploadable.contains(attempt) }

    func isCutOff(_ address: Address) -> Bool { cutOffUntil[address, default: .zero] > now }

    /// When the copies of a message arrive: none, one or two.
    mutating func deliveries(from address: Address) -> [JobTime] {
        if isCutOff(address) || random.happens(weather.drops) { return [] }
        let copyCount = random.happens(weather.doubles) ? 2 : 1
        return (0..<copyCount).map { _ in
            let isHeldUp = random.happens(weather.delays)
            return now + random.milliseconds(in: isHeldUp ? 100...15_000 : 1...50)
        }
    }
}
