import DataProtocol
import Objects
import Synchronization
import XMLRPCTransport

/// Objects that clients bring by `PUT /objects/HEX?tag=bytes`, streamed into the store.
///
/// One that is cut stays as far as it came: `GET /uploads/HEX` says how far, and a PUT with `Content-Range` brings the rest. So an
/// object may come in as many pieces as its client likes. Nobody sees any of it before all of it is there.
final class ObjectUploads: Sendable {
    /// What is cut and not gone on with is forgotten after so long.
    static let idleMax: Duration = .seconds(600)
    /// Of an object that is a value, which is decoded as a whole to be one.
    static let valueByteCountMax = DataWorkerState.answerByteCountMax

    private struct Pending {
        let writer: ObjectWriter
        let byteCount: Int
        /// Counts its uploads: no two have the same.
        let turn: UInt64
        var isActive = true
    }

    private struct Uploads {
        var pending: [ObjectKey: Pending] = [:]
        var lastTurn: UInt64 = 0

        mutating func begin(_ key: ObjectKey, _ writer: ObjectWriter, _ byteCount: Int) -> Pending {
            lastTurn += 1
            let upload = Pending(writer: writer, byteCount: byteCount, turn: lastTurn)
            pending[key] = upload
            return upload
        }
    }

    private let state: DataWorkerState
    private let uploads = Mutex(Uploads())

    init(_ state: DataWorkerState) { self.state = state }

    /// How far an object has come, as a number.
    func byteCount(_ request: RouteRequest) -> RouteAnswer {
        do {
            guard let key = try ObjectRoutes.key(request) else { return ObjectRoutes.unnamed }
            guard let writer = uploads.withLock({ $0.pending[key]?.writer }) else {
                return .status(404, "nothing of the key \(key) is on its way")
            }
            return .bytes(Array("\(writer.byteCount)\n".utf8), contentType: "text/plain; charset=utf-8")
        } catch {
            return .status(404, "\(error)")
        }
    }

    // MARK: Beginning

    func decide(_ request: RouteRequest) -> UploadDecision {
        do throws(UploadRefusal) {
            return .accept(try accept(request))
        } catch {
            return .refuse(error.status, error.reason)
        }
    }

    private func accept(_ request: RouteRequest) throws(UploadRefusal) -> Upload {
        let key = try Self.key(request)
        guard let tag = ObjectTag(rawValue: request.query["tag"] ?? ObjectTag.bytes.rawValue) else {
            throw UploadRefusal(400, "a tag is bytes or value")
        }
        guard let byteCount = request.byteCount else { throw UploadRefusal(411, "Content-Length is needed") }
        guard let range = UploadRange(request.header("Content-Range"), uploadByteCount: byteCount) else {
            throw UploadRefusal(
                400, "Content-Range is bytes FIRST-LAST/LENGTH, of as many bytes as Content-Length says")
        }
        guard tag == .bytes || range.byteCount <= Self.valueByteCountMax else {
            throw UploadRefusal(413, "a value has at most \(Self.valueByteCountMax) bytes")
        }
        let digest = try Self.digest(request.query["digest"])
        let upload = try begin(key, tag, range)
        return Upload(
            to: ObjectDestination(upload.writer), offset: Int64(range.range.lowerBound), byteCountMax: byteCount,
            finish: { [self] _ in try ended(key, upload, digest) },
            discard: { [self] in rest(key, upload) })
    }

    private static func key(_ request: RouteRequest) throws(UploadRefusal) -> ObjectKey {
        let key: ObjectKey?
        do throws(ObjectKeyError) { key = try ObjectRoutes.key(request) } catch { throw UploadRefusal(404, "\(error)") }
        guard let key else { throw UploadRefusal(404, "objects are named by their keys' bytes in hexadecimal") }
        return key
    }

    private static func digest(_ text: String?) throws(UploadRefusal) -> ObjectDigest? {
        guard let text else { return nil }
        guard text.utf8.count == 8, let checksum = UInt32(text, radix: 16) else {
            throw UploadRefusal(400, "a digest is the CRC-32C of the bytes, in eight hexadecimal digits")
        }
        return ObjectDigest(checksum: checksum)
    }

    private func begin(_ key: ObjectKey, _ tag: ObjectTag, _ range: UploadRange) throws(UploadRefusal) -> Pending {
        let start = range.range.lowerBound
        // What is begun anew is let go of outside of the lock.
        let (begun, dropped) = try uploads.withLock { uploads throws(UploadRefusal) -> (Pending?, Pending?) in
            let old = uploads.pending[key]
            if let old, old.isActive { throw UploadRefusal(409, "the key \(key) is being brought by somebody else") }
            if start == 0 { return (nil, uploads.pending.removeValue(forKey: key)) }
            guard let old, old.byteCount == range.byteCount, old.writer.tag == tag, old.writer.byteCount == start else {
                let there = old.map { "\($0.writer.byteCount) of \($0.byteCount) bytes" } ?? "nothing"
                throw UploadRefusal(409, "\(there) of the key \(key) are here: go on from there, or begin anew")
            }
            return (uploads.begin(key, old.writer, old.byteCount), nil)
        }
        withExtendedLifetime(dropped) {}
        if let begun { return begun }
        let writer: ObjectWriter
        do throws(ObjectStoreError) {
            writer = try state.store.makeWriter(key, tag: tag, byteCount: range.byteCount, replaces: true)
        } catch {
            throw UploadRefusal(error.httpStatus, "\(error)")
        }
        return try uploads.withLock { uploads throws(UploadRefusal) in
            guard uploads.pending[key] == nil else {
                throw UploadRefusal(409, "the key \(key) is being brought by somebody else")
            }
            return uploads.begin(key, writer, range.byteCount)
        }
    }

    // MARK: Ending

    /// The body of one upload is there.
    private func ended(_ key: ObjectKey, _ upload: Pending, _ digest: ObjectDigest?) throws -> RouteAnswer {
        let writer = upload.writer
        guard writer.byteCount == upload.byteCount else {
            rest(key, upload)
            return .status(202, "\(writer.byteCount) of \(upload.byteCount) bytes are here")
        }
        defer { forget(key, upload) }
        do throws(ObjectStoreError) {
            let content = try writer.content()
            if writer.tag == .value, let problem = try Self.problem(with: content) { return .status(422, problem) }
            try writer.finish(expectedDigest: digest)
            return .later { [state] in
                do {
                    try await state.announce([(key, content.info.byteCount)])
                } catch {
                    return .status(503, "it is here, and the center does not know; send it again: \(error)")
                }
                return .status(201, "\(content.info)")
            }
        } catch {
            return .status(error.httpStatus, "\(error)")
        }
    }

    private static func problem(with content: ObjectBody) throws(ObjectStoreError) -> String? {
        let bytes = try content.bytes(byteCountMax: valueByteCountMax)
        do {
            _ = try StoredValue.decode(.value, bytes)
            return nil
        } catch {
            return "this is no method response with a value: \(error)"
        }
    }

    /// One that has not come to its end waits to be gone on with.
    private func rest(_ key: ObjectKey, _ upload: Pending) {
        uploads.withLock { uploads in
            if uploads.pending[key]?.turn == upload.turn { uploads.pending[key]?.isActive = false }
        }
        Task { [weak self] in
            // Nobody cancels it.
            try? await Task.sleep(for: Self.idleMax)
            self?.forget(key, upload)
        }
    }

    /// Unless somebody has gone on with it.
    private func forget(_ key: ObjectKey, _ upload: Pending) {
        let gone = uploads.withLock { uploads -> Pending? in
            guard uploads.pending[key]?.turn == upload.turn else { return nil }
            return uploads.pending.removeValue(forKey: key)
        }
        // Its file is unlinked here, outside of the lock.
        withExtendedLifetime(gone) {}
    }
}

/// Why an upload is not taken.
private struct UploadRefusal: Error {
    let status: Int
    let reason: String

    init(_ status: Int, _ reason: String) {
        self.status = status
        self.reason = reason
    }
}
