import LocalMachine
import Model
import Synchronization
import WorkerProtocol

/// What the worker says of its machine and of what it has moved, now and then.
final class MachineWatch: Sendable {
    /// Between two readings.
    static let interval: Duration = .seconds(5)

    private let folder: String
    private let version: String
    private let supervision: Supervision?
    private let traffic: FetchTraffic
    private let state = Mutex(State())

    private struct State {
        /// Nobody has told it to the master yet.
        var reading: MachineReading?
        var readByteCount: Int64 = 0
    }

    /// - Parameter folder: Where the worker writes.
    init(folder: String, _ configuration: WorkerConfiguration, traffic: FetchTraffic) {
        self.folder = folder
        version = configuration.version
        supervision = configuration.supervision
        self.traffic = traffic
        look()
    }

    func look() {
        let reading = MachineReading(folder: folder)
        state.withLock { $0.reading = reading }
    }

    /// The master has heard of these.
    func count(_ reports: [AttemptReport]) {
        let byteCount = reports.reduce(Int64(0)) { sum, report in
            if case .succeeded(let result) = report.outcome { sum + result.counters.inputBytes } else { sum }
        }
        guard byteCount > 0 else { return }
        state.withLock { $0.readByteCount += byteCount }
    }

    /// nil where nothing was read since it was asked last.
    func take() -> MachineReport? {
        let (reading, readByteCount) = state.withLock { state in
            defer { state.reading = nil }
            return (state.reading, state.readByteCount)
        }
        guard let reading else { return nil }
        return MachineReport(
            host: HostIdentity.name, version: version, coreCount: reading.coreCount, load: reading.load,
            memory: reading.memory, memoryFree: reading.memoryFree, diskFree: reading.diskFree,
            readByteCount: readByteCount, fetchedByteCount: traffic.fetchedByteCount,
            restartCount: supervision?.restartCount ?? 0,
            lastEnd: supervision?.lastEnd ?? "")
    }
}
