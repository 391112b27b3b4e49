import DataService
import Glibc
import LocalMachine
import Model
import TaskRuntime
import WorkerProtocol
import XMLRPCTransport

/// Brings in one partition of every map output: in place where it is on this host, by HTTP where it is not.
struct SegmentFetcher {
    let remote: RemoteData
    let scratch: ScratchFolder
    let attempt: AttemptID

    struct Segment {
        let output: MapOutputID
        let source: SegmentSource
    }

    struct Fetched {
        var segments: [Segment] = []
        var lost: [MapOutputID] = []
        var damaged: [MapOutputID] = []
        var unreachable: [MapOutputID] = []
        var reason = ""

        /// nil when everything is there.
        var failure: FetchFailure? {
            let failure = FetchFailure(lost: lost, damaged: damaged, unreachable: unreachable, reason: reason)
            return failure.all.isEmpty ? nil : failure
        }

        mutating func add(_ output: MapOutputID, _ trouble: FetchTrouble) {
            switch trouble {
            case .lost, .lostWithOthers: lost.append(output)
            case .damaged: damaged.append(output)
            case .unreachable: unreachable.append(output)
            }
        }
    }

    private var fetchedPath: String { "\(scratch.path)/\(attempt.name).fetched" }

    /// Tries every source to the end, so that all that is lost is told at once. Segments come in the order of map tasks.
    func fetch(_ sources: [SourceMessage], control: TaskControl) throws -> Fetched {
        let store = try FetchStore(path: fetchedPath)
        defer { store.close() }
        var fetched = Fetched()
        for source in sources {
            // One holder that can't be reached at all is not asked for each of its outputs.
            var trouble: FetchTrouble?
            for (output, checksum) in zip(source.outputs, source.checksums) {
                if control.isCancelled { throw TaskError.cancelled }
                if let segment = try remote.patience.wait(control, { try local(output, checksum, of: source) }) {
                    fetched.segments.append(segment)
                    continue
                }
                if trouble?.isOfAll != true {
                    do {
                        fetched.segments.append(try transfer(output, checksum, of: source, to: store, control: control))
                        continue
                    } catch TransportError.localFile(let reason) {
                        throw TaskError.outputFailed(path: fetchedPath, reason: reason)
                    } catch TaskError.cancelled {
                        throw TaskError.cancelled
                    } catch let error where Self.isOwnFault(error) {
                        throw error
                    } catch {
                        trouble = FetchTrouble(error, isFromMaster: source.name.isEmpty)
                        fetched.reason = "from \(source.name.isEmpty ? "the master" : source.name): \(error)"
                    }
                }
                fetched.add(output, trouble ?? .lost)
            }
        }
        fetched.segments.sort { $0.output < $1.output }
        return fetched
    }

    /// Whether this worker could not even ask: then no map output is lost, and it is the attempt that fails.
    private static func isOwnFault(_ error: any Error) -> Bool {
        switch error {
        case TransportError.shortage, TransportError.tooManyConnections, TransportError.clientClosed: true
        default: false
        }
    }

    func removeFetched() { unlink(fetchedPath) }

    private func mapAttempt(_ output: MapOutputID) -> AttemptID {
        AttemptID(
            task: TaskID(job: attempt.task.job, kind: .map, index: output.mapIndex), number: output.attemptNumber)
    }

    /// nil when it is not on this host, or not readable here: then the holder is asked.
    /// - Throws: ``TaskError/readerFailed(path:reason:)``: that this process can open no file is not the holder's fault.
    private func local(_ output: MapOutputID, _ checksum: UInt32, of source: SourceMessage) throws -> Segment? {
        let map = mapAttempt(output)
        guard let path = source.place.localPath(of: map) else { return nil }
        let file: MapOutputFile
        do {
            file = try MapOutputFile(path: path, expecting: map)
        } catch TaskError.corruptMapOutput {
            return nil
        }
        guard file.checksum == checksum, attempt.task.index < file.partitionCount else { return nil }
        let segment = file.segment(attempt.task.index)
        return Segment(
            output: output,
            source: SegmentSource(path: path, offset: segment.offset, byteCount: segment.byteCount))
    }

    private func transfer(
        _ output: MapOutputID, _ checksum: UInt32, of source: SourceMessage, to store: FetchStore, control: TaskControl
    ) throws -> Segment {
        let offset = store.byteCount
        let byteCount = try remote.fetchPartition(
            mapAttempt(output), checksum: checksum, partition: attempt.task.index, from: source,
            into: store.descriptor, at: offset, control: control)
        // No segment is empty: whoever says so has not looked, and is not believed for its other outputs either.
        guard byteCount > 0 else { throw EmptyAnswer() }
        store.byteCount += byteCount
        return Segment(
            output: output, source: SegmentSource(path: fetchedPath, offset: offset, byteCount: byteCount, isCopy: true)
        )
    }
}

/// A data port's answer without any bytes in place of a segment.
private struct EmptyAnswer: Error, CustomStringConvertible {
    var description: String { "its data port sent nothing in place of a partition" }
}

/// One file that everything fetched for a reduce attempt goes to, end to end.
private final class FetchStore {
    let descriptor: CInt
    var byteCount: Int64 = 0

    init(path: String) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw TaskError.temporaryFailed(path: path, errorNumber: errno)
        }
    }

    func close() { Glibc.close(descriptor) }
}
