import Coordinator
import Glibc
import LocalMachine
import Model
import Synchronization
import WorkerProtocol

/// What the shell knows of jobs and of the workers' places, beside what the coordinator decides on.
final class MasterContext: Sendable {
    private let served: Mutex<[JobID: ServedJob]>
    /// Folder for the map output that the master itself holds.
    let scratch: ScratchFolder
    /// `HOST:PORT` at which others reach this master; empty until it listens.
    var address: String { ownAddress.withLock { $0 } }
    private let ownAddress = Mutex("")
    /// nil where nobody is asked for anything.
    let access: MasterAccess?
    let statuses = AttemptStatuses()
    let machines = WorkerMachines()
    let lineAttempts = LineAttempts()
    private let places: Mutex<[WorkerID: (name: String, place: WorkerPlace)]> = Mutex([:])
    /// Without an address: what has none is asked of the master, over the connection that a worker has to it.
    private let ownPlace: WorkerPlace
    /// Map output of workers that ended with an earlier master, which this one serves in their place.
    private let adopted: Mutex<[ScratchFolder]> = Mutex([])

    init(jobs: [ServedJob] = [], scratch: ScratchFolder, access: MasterAccess? = nil) {
        served = Mutex(Dictionary(uniqueKeysWithValues: jobs.map { ($0.id, $0) }))
        self.access = access
        self.scratch = scratch
        ownPlace = WorkerPlace(host: HostIdentity.current, scratch: Array(scratch.path.utf8), address: "")
    }

    // MARK: Jobs

    /// nil for a job that was never served, or is forgotten.
    func job(_ id: JobID) -> ServedJob? { served.withLock { $0[id] } }

    /// The one whose number stands in a path.
    func job(named component: String) -> ServedJob? {
        guard let number = DataPath.index(component), (1...JobID.numberMax).contains(number) else { return nil }
        return job(JobID(number: number))
    }

    var jobs: [ServedJob] { served.withLock { $0.values.sorted { $0.id < $1.id } } }

    func serve(_ job: ServedJob) { served.withLock { $0[job.id] = job } }

    /// Keeps nothing of jobs that are concluded and nobody knows any more.
    func forgetJobs(except known: Set<JobID>) {
        served.withLock { served in
            guard served.count > known.count else { return }
            served = served.filter { known.contains($0.key) || $0.value.output != nil }
        }
    }

    // MARK: Workers

    func setAddress(_ address: String) { ownAddress.withLock { $0 = address } }

    /// - Parameter known: The workers that the coordinator knows: asked when there are more than that can be.
    func remember(
        _ worker: WorkerID, name: String, place: WorkerPlace, known: () -> Set<WorkerID> = { [] }
    ) {
        if places.withLock({ $0.count >= Self.placesMax }) {
            // The others are long gone, and nothing of theirs is needed.
            let known = known()
            places.withLock { places in places = places.filter { known.contains($0.key) } }
        }
        places.withLock { $0[worker] = (name, place) }
    }

    /// The newest worker of that name.
    func worker(named name: String) -> WorkerID? {
        places.withLock { places in places.filter { $0.value.name == name }.keys.max() }
    }

    /// All of that name, the newest last.
    func workers(named name: String) -> [WorkerID] {
        places.withLock { places in places.filter { $0.value.name == name }.keys.sorted() }
    }

    /// Whether a worker keeps nothing of what it makes.
    func hasNoDataPort(_ worker: WorkerID) -> Bool { places.withLock { $0[worker]?.place.address.isEmpty } == true }

    /// Whether any worker has ever joined, and is not forgotten.
    var knowsWorkers: Bool { places.withLock { !$0.isEmpty } }

    func forget(_ worker: WorkerID) { places.withLock { $0[worker] = nil } }

    private static let placesMax = 20_000

    /// Path of the map output that the master holds for a worker of the simple calls.
    func heldOutputPath(_ attempt: AttemptID) -> String { "\(scratch.path)/\(attempt.name)" }

    /// Path of a map output that the master serves: its own, or one that it adopted.
    func servedOutputPath(_ attempt: AttemptID) -> String {
        let own = heldOutputPath(attempt)
        let others = adopted.withLock { $0.map { "\($0.path)/\(attempt.name)" } }
        return others.first { Glibc.access($0, F_OK) == 0 && Glibc.access(own, F_OK) != 0 } ?? own
    }

    /// Serves the map output of a worker that ended with an earlier master. Readers on this machine go on reading it where
    /// it is.
    func adopt(_ worker: WorkerID, name: String, folder: ScratchFolder) {
        adopted.withLock { $0.append(folder) }
        remember(
            worker, name: name,
            place: WorkerPlace(host: ownPlace.host, scratch: Array(folder.path.utf8), address: ""))
    }

    /// Takes away what the master itself has kept of a job.
    func removeHeld(of job: JobID) {
        let prefix = AttemptID.namePrefix(of: job)
        scratch.removeFiles(withPrefix: prefix)
        for folder in adopted.withLock({ $0 }) { folder.removeFiles(withPrefix: prefix) }
    }

    /// Takes away all that the master itself has kept.
    func removeHeld() {
        scratch.remove()
        for folder in adopted.withLock({ $0 }) { folder.remove() }
    }

    /// Where the counts of one `complete_task` wait for the coordinator's verdict.
    func uploadPath(_ request: RequestID) -> String { "\(scratch.path)/\(Self.uploadPrefix)\(request.number)" }

    /// Where a map output that is being handed over is written.
    func handOverPath(_ callerID: UInt64) -> String { "\(scratch.path)/\(Self.uploadPrefix)handed-\(callerID)" }

    static let uploadPrefix = "upload-"

    /// Bytes of the scratch folder's disk that stay free: others write to the same one.
    private static let reserveByteCount: Int64 = 64 << 20

    func hasScratchRoom(for byteCount: Int64) -> Bool {
        var status = statvfs()
        // What can't be found out shows when it is written.
        guard statvfs(scratch.path, &status) == 0 else { return true }
        let free = Int64(status.f_bavail) * Int64(status.f_frsize)
        return free - Self.reserveByteCount >= byteCount
    }

    /// Adds to a decision of the coordinator what its worker needs to carry it out.
    ///
    /// - Returns: nil where the job is over meanwhile and forgotten: the worker has nothing to do then.
    func message(for assignment: Assignment, to worker: WorkerID) -> AssignmentMessage? {
        guard let job = job(assignment.attempt.task.job) else { return nil }
        let work = work(of: assignment, in: job, for: worker)
        if hasNoDataPort(worker) { lineAttempts.begin(assignment.attempt, work) }
        return AssignmentMessage(
            attempt: assignment.attempt, job: job.message, work: work,
            searchesBadRecord: assignment.searchesBadRecord)
    }

    private func work(
        of assignment: Assignment, in job: ServedJob, for worker: WorkerID
    ) -> AssignmentMessage.Work {
        switch assignment.work {
        case .map(let pieces):
            return .map(pieces: pieces, files: files(of: pieces, in: job))
        case .mapToPart(let pieces):
            return .mapToPart(pieces: pieces, files: files(of: pieces, in: job), destination: job.destination)
        case .reduce(let sources):
            return .reduce(
                sources: sources.map { message(for: $0, of: assignment.attempt, on: worker) },
                destination: job.destination)
        }
    }

    private func files(of pieces: [SplitPiece], in job: ServedJob) -> [Int: InputFile] {
        var files: [Int: InputFile] = [:]
        for piece in pieces { files[piece.fileIndex] = job.plan.files[piece.fileIndex] }
        return files
    }

    private func message(
        for holding: MapOutputHolding, of reduce: AttemptID, on fetcher: WorkerID
    ) -> SourceMessage {
        guard let holder = holding.holder else { return SourceMessage(name: "", place: ownPlace, holding) }
        guard let known = places.withLock({ $0[holder] }) else {
            let nowhere = WorkerPlace(host: "", scratch: [], address: "")
            return SourceMessage(name: holder.description, place: nowhere, holding)
        }
        return SourceMessage(
            name: known.name, place: known.place, holding,
            ticket: access?.ticket(for: reduce, of: fetcher, at: holder) ?? "")
    }
}

extension SourceMessage {
    fileprivate init(name: String, place: WorkerPlace, _ holding: MapOutputHolding, ticket: String = "") {
        self.init(
            name: name, place: place, outputs: holding.outputs, checksums: holding.checksums,
            byteCountMax: holding.byteCountMax, ticket: ticket)
    }
}
