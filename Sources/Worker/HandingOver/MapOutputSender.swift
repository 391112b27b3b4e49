import DataService
import Glibc
import LocalMachine
import Model
import TaskRuntime
import WorkerProtocol
import XMLRPCTransport

/// Sends one map output to the master, as a file, in the background.
struct MapOutputSender: Sendable {
    let master: HTTPClient
    let scratch: ScratchFolder
    /// How long a master that can't be reached, or is busy, is tried again.
    var patience: Duration = .seconds(20)

    /// - Throws: Why the master does not have it. That it does not want it is no error.
    func send(_ attempt: AttemptID) async throws {
        let path = "\(scratch.path)/\(attempt.name)"
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw TaskError.corruptMapOutput(path: path, reason: Self.errorText) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw TaskError.corruptMapOutput(path: path, reason: Self.errorText)
        }
        try await put(attempt, descriptor, byteCount: Int64(status.st_size))
    }

    private func put(_ attempt: AttemptID, _ descriptor: CInt, byteCount: Int64) async throws {
        var backoff = Backoff(base: .milliseconds(100), cap: .seconds(2))
        var random = SystemRandomNumberGenerator()
        let end = ContinuousClock.now + patience
        while true {
            do {
                // It answers 201 when it has kept it, and nothing else that is a success.
                _ = try await master.put(
                    DataPath.intermediate(attempt), from: descriptor, byteCount: byteCount,
                    timeout: Transfer.lengthMax, stallMax: Transfer.stallMax)
                return
            } catch TransportError.httpStatus(409, _) {
                return
            } catch let error as TransportError where error.isPassing && ContinuousClock.now < end {
                try await Task.sleep(for: backoff.next(using: &random))
            }
        }
    }

    private static var errorText: String { String(cString: strerror(errno)) }
}
