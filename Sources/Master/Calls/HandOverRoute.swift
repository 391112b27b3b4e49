import Access
import Glibc
import LocalMachine
import Model
import TaskRuntime
import WorkerProtocol
import XMLRPCTransport

/// Takes map outputs over from workers that others can't reach, or that are about to leave: `PUT /intermediate/ATTEMPT`.
///
/// Only what the coordinator has asked for is taken, and only what is as long and has the same checksum as what it accepted.
struct HandOverRoute: Sendable {
    let context: MasterContext
    /// What the output of that attempt must be like; nil when it is not wanted from that worker.
    let expected: @Sendable (AttemptID, WorkerID?) -> OutputSummary?
    /// The output is where the master serves it.
    let onKept: @Sendable (AttemptID) -> Void

    var route: Route { .put(DataPath.intermediate + "/*", role: Role.worker.rawValue) { decide($0) } }

    private func decide(_ request: RouteRequest) -> UploadDecision {
        guard request.components.count == 1, let attempt = AttemptID(name: request.components[0]),
            attempt.task.kind == .map
        else {
            return .refuse(404, "map outputs are handed over under their attempt's name, as in /intermediate/1-map-0-1")
        }
        // RFC 9110, section 14.5: a part of it must not be taken for the whole.
        guard request.header("Content-Range") == nil else {
            return .refuse(400, "a map output is handed over as a whole")
        }
        guard let expected = expected(attempt, Grant(request.role)?.worker) else {
            return .refuse(409, "this map output is not wanted")
        }
        if let byteCount = request.byteCount, byteCount != expected.byteCount {
            return .refuse(400, "this map output has \(expected.byteCount) bytes, not \(byteCount)")
        }
        guard context.hasScratchRoom(for: expected.byteCount) else {
            return .refuse(
                507, "the master has no room for \(expected.byteCount) bytes under '\(context.scratch.path)'")
        }
        let path = context.handOverPath(request.callerID)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            return .refuse(507, "the master cannot make '\(path)': \(String(cString: strerror(errno)))")
        }
        return .accept(upload(of: attempt, expected, to: path, descriptor))
    }

    private func upload(
        of attempt: AttemptID, _ expected: OutputSummary, to path: String, _ descriptor: CInt
    ) -> Upload {
        Upload(
            descriptor: descriptor, byteCountMax: expected.byteCount,
            finish: { _ in
                close(descriptor)
                if let flaw = flaw(of: path, attempt, expected) {
                    unlink(path)
                    return .status(400, flaw)
                }
                guard rename(path, context.heldOutputPath(attempt)) == 0 else {
                    let reason = String(cString: strerror(errno))
                    unlink(path)
                    return .status(507, "the master cannot keep it: \(reason)")
                }
                onKept(attempt)
                return .status(201, "kept")
            },
            discard: {
                close(descriptor)
                unlink(path)
            })
    }

    /// Why this is not what was asked for; nil when it is. What is between its ends is checked by whoever reads it.
    private func flaw(of path: String, _ attempt: AttemptID, _ expected: OutputSummary) -> String? {
        do {
            let output = try MapOutputFile(path: path, expecting: attempt)
            guard output.byteCount == expected.byteCount, output.checksum == expected.checksum,
                output.partitionCount == context.job(attempt.task.job)?.plan.reduceCount
            else { return "this is not the map output that was reported" }
            return nil
        } catch {
            return "this is no map output of \(attempt): \(error)"
        }
    }
}
