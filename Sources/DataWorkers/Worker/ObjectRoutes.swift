import DataProtocol
import DataService
import Glibc
import JSON
import Objects
import WorkerProtocol
import XMLRPC
import XMLRPCTransport

/// The plain HTTP side of a data worker: objects in pieces, and pages for people and their tools.
struct ObjectRoutes {
    let state: DataWorkerState
    let identity: @Sendable () -> XMLRPCValue

    private static let listedCountMax = 1_000

    var routes: [Route] {
        let uploads = ObjectUploads(state)
        return [
            .get("\(ObjectPath.objects)/*") { try object($0) },
            .put("\(ObjectPath.objects)/*") { uploads.decide($0) },
            .get("\(ObjectPath.uploads)/*") { uploads.byteCount($0) },
            .get("/info.json") { _ in
                .bytes(Array(JSONText(identity()).text.utf8), contentType: "application/json")
            },
            .get("/health") { _ in .status(200, "ok") },
            .get("/metrics") { _ in .bytes(metrics, contentType: "text/plain; version=0.0.4") },
            .get("/data") { _ in .bytes(list, contentType: "text/plain; charset=utf-8") },
        ]
    }

    /// `/objects/HEX`: all of it, or what `Range` says; with `?from=A&to=B` a piece as if it were all.
    private func object(_ request: RouteRequest) throws -> RouteAnswer {
        do {
            guard let key = try Self.key(request) else { return Self.unnamed }
            guard let body = try state.store.reader(of: key) else { return .status(404, "the key \(key) is not here") }
            return Self.answer(body, request)
        } catch let error as ObjectKeyError {
            return .status(404, "\(error)")
        } catch let error as ObjectStoreError {
            return .status(error.httpStatus, "\(error)")
        }
    }

    private static func answer(_ body: ObjectBody, _ request: RouteRequest) -> RouteAnswer {
        let count = body.info.byteCount
        guard let from = place(request.query["from"], 0), let to = place(request.query["to"], count),
            from <= to, to <= count
        else { return .status(416, "the object has \(count) bytes") }
        let entityTag = body.info.entityTag
        if request.wantsOther(than: entityTag) { return .status(412, "this is \(body.info)") }
        switch body.content {
        case .memory(let bytes): return .memory(MemoryAnswer(bytes, range: from..<to, entityTag: entityTag))
        case .file(let file):
            // The server closes its own.
            let descriptor = fcntl(file.descriptor, F_DUPFD_CLOEXEC, 0)
            guard descriptor >= 0 else {
                return .status(503, "no file can be opened here now: \(String(cString: strerror(errno)))")
            }
            return .file(
                FileAnswer(
                    descriptor: descriptor, offset: Int64(from), byteCount: Int64(to - from), entityTag: entityTag))
        }
    }

    static let unnamed = RouteAnswer.status(404, "objects are named by their keys' bytes in hexadecimal")

    /// - Returns: nil where the path names none.
    static func key(_ request: RouteRequest) throws(ObjectKeyError) -> ObjectKey? {
        guard request.components.count == 1 else { return nil }
        return try ObjectPath.key(request.components[0])
    }

    private static func place(_ text: String?, _ otherwise: Int) -> Int? {
        guard let text else { return otherwise }
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }

    private var metrics: [UInt8] {
        let statistics = state.store.statistics
        let lines = [
            "objects \(statistics.count)", "object_memory_bytes \(statistics.memoryByteCount)",
            "object_spilled_bytes \(statistics.spilledByteCount)",
            "computations_active \(state.activeCount.load(ordering: .relaxed))",
        ]
        return Array((lines.map { "mr_data_\($0)" }.joined(separator: "\n") + "\n").utf8)
    }

    private var list: [UInt8] {
        let keys = state.store.keys(limit: Self.listedCountMax)
        let lines = keys.map { key in
            let info = state.store.info(of: key)
            return "\(key.description)\t\(info.map { "\($0)" } ?? "gone")\n"
        }
        let rest = state.store.statistics.count - keys.count
        return Array((lines.joined() + (rest > 0 ? "... and \(rest) more\n" : "")).utf8)
    }
}
