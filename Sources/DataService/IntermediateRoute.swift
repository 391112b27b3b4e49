import Glibc
package import Model
import TaskRuntime
import WorkerProtocol
package import XMLRPCTransport

/// Serves partitions of map output, by whole numbers only: `/intermediate/1-map-12-3/0`.
package enum IntermediateRoute {
    /// - Parameters:
    ///   - role: Who may read them; "" is anyone who is let in.
    ///   - mayRead: Whether this request is for that partition of that job's map outputs.
    ///   - path: Where the map output of an attempt is, if this process has it.
    package static func route(
        role: String = "", mayRead: @escaping @Sendable (RouteRequest, JobID, Int) -> Bool = { _, _, _ in true },
        path: @escaping @Sendable (AttemptID) -> String
    ) -> Route {
        .get(DataPath.intermediate + "/*", role: role) { request in
            guard request.components.count == 2, let attempt = AttemptID(name: request.components[0]),
                attempt.task.kind == .map, let partition = DataPath.index(request.components[1])
            else { return .status(404, "partitions are named like /intermediate/1-map-12-3/0") }
            guard mayRead(request, attempt.task.job, partition) else {
                return .status(403, "the ticket is for another partition")
            }
            let coding = AnswerCoding(coding, request.wish(for: coding.name))
            return try answer(attempt, partition: partition, path: path(attempt), request, coding)
        }
    }

    private static let coding = SegmentCoding()

    private static func answer(
        _ attempt: AttemptID, partition: Int, path: String, _ request: RouteRequest, _ coding: AnswerCoding
    ) throws -> RouteAnswer {
        do {
            let output = try MapOutputFile(path: path, expecting: attempt)
            if request.wantsOther(than: DataPath.entityTag(output.checksum)) {
                return .status(412, "this is not the map output that was announced")
            }
            guard partition < output.partitionCount else { return .status(404, "there is no such partition") }
            let segment = output.segment(partition)
            let descriptor = try openRegularFile(Array(path.utf8), O_NOFOLLOW)
            return .file(
                FileAnswer(
                    descriptor: descriptor, offset: segment.offset, byteCount: segment.byteCount, coding: coding))
        } catch TaskError.readerFailed(_, let reason) {
            return .status(503, "no file can be opened here now: \(reason)")
        } catch is TaskError {
            // The map task runs again either way; damage is held against whoever made it.
            return access(path, F_OK) == 0
                ? .status(410, "this map output is damaged") : .status(404, "this map output is not here")
        } catch let refusal as FileRefusal {
            return refusal.isReadersFault
                ? .status(503, "no file can be opened here now: \(refusal.reason)")
                : .status(404, "this map output is not here")
        }
    }
}
