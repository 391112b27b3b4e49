import DataProtocol
import JSON
import Objects
import WorkerProtocol

import XMLRPC
import XMLRPCTransport

/// The plain HTTP side of a data worker: objects in pieces, and pages for people and their tools.
struct ObjectRoutes {
    let state: DataWorkerState
    let identity: @Sendable () -> XMLRPCValue

    /// Of one answer.
    static let pieceByteCount = 4 << 20
    private static let listedCountMax = 1_000

    var routes: [Route] {
        [
            .get("/objects/*") { try object($0) },
            .get("/info.json") { _ in
                .bytes(Array(JSONText(identity()).text.utf8), contentType: "application/json")
            },
            .get("/health") { _ in .status(200, "ok") },
            .get("/metrics") { _ in .bytes(metrics, contentType: "text/plain; version=0.0.4") },
            .get("/data") { _ in .bytes(list, contentType: "text/plain; charset=utf-8") },
        ]
    }

    /// `/objects/HEX?from=A&to=B`: the key's bytes in hexadecimal, and a piece; without one the whole object.
    private func object(_ request: RouteRequest) throws -> RouteAnswer {
        guard request.components.count == 1, let bytes = Self.bytes(hex: request.components[0]) else {
            return .status(404, "objects are named by their keys' bytes in hexadecimal")
        }
        let key: ObjectKey
        do { key = try ObjectKey(bytes) } catch { return .status(404, "\(error)") }
        guard let body = try state.store.reader(of: key) else { return .status(404, "the key \(key) is not here") }
        let count = body.info.byteCount
        guard let from = Self.place(request.query["from"], 0), let to = Self.place(request.query["to"], count),
            from <= to, to <= count
        else { return .status(416, "the object has \(count) bytes") }
        guard to - from <= Self.pieceByteCount else {
            return .status(413, "a piece may have \(Self.pieceByteCount) bytes; ask with ?from=A&to=B")
        }
        var piece = [UInt8](repeating: 0, count: to - from)
        let done = try piece.withUnsafeMutableBytes { try body.read(at: from, into: $0) }
        guard done == piece.count else { return .status(500, "the object has fewer bytes than it should") }
        return .bytes(piece, contentType: "application/octet-stream")
    }

    private static func place(_ text: String?, _ otherwise: Int) -> Int? {
        guard let text else { return otherwise }
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }

    private static func bytes(hex text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard !digits.isEmpty, digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digit(digits[start]), let low = digit(digits[start + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
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
