import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

/// An upload that a route has accepted and whose body is coming.
struct ActiveUpload {
    let upload: Upload
    let writer: BodyWriter
    let byteCountMax: Int64

    var hasRoom: Bool { writer.backlogByteCount < BodyWriter.backlogByteCountMax }
}

extension ServerConnection {
    /// Asks the route, on the pool; what arrives meanwhile waits.
    func openUpload(_ route: Route, _ head: RequestJudge.RouteRequestHead, headers: HTTPHeaders) {
        guard case .put(let handler) = route.action else { preconditionFailure("the judge chose a route for GET") }
        guard let context else { return }
        phase = .working
        setDeadline(nil)
        let request = routeRequest(head, headers: headers)
        site.threads.pool.runIfActive(eventLoop: context.eventLoop) { try handler(request) }
            .assumeIsolated().whenComplete { self.uploadOpened($0, head) }
    }

    private func uploadOpened(_ result: Result<UploadDecision, any Error>, _ head: RequestJudge.RouteRequestHead) {
        switch result {
        case .failure(let error):
            guard case .working = phase else { return }
            site.logger.error("route failed", metadata: ["error": "\(error)"])
            send(status: 500, contentType: "text/plain", bytes: Array("internal error\n".utf8), closes: true)
        case .success(.refuse(let status, let reason)):
            guard case .working = phase else { return }
            refuse(Refusal(status, reason))
        case .success(.accept(let upload)):
            accept(upload, head)
        }
    }

    private func accept(_ upload: Upload, _ head: RequestJudge.RouteRequestHead) {
        guard case .working = phase, let context else { return discard(upload) }
        let byteCountMax = min(upload.byteCountMax, site.configuration.uploadByteCountMax)
        if case .known(let byteCount) = head.body, byteCount > byteCountMax {
            discard(upload)
            return refuse(Refusal.tooLong(byteCountMax: byteCountMax))
        }
        let writer = BodyWriter(
            destination: upload.destination, offset: upload.offset, pool: site.threads.pool,
            eventLoop: context.eventLoop)
        writer.onProgress = { self.uploadProgressed() }
        self.upload = ActiveUpload(upload: upload, writer: writer, byteCountMax: byteCountMax)
        phase = .receivingUpload
        if head.expectsContinue { sendContinue() }
        beginBodyWindow()
        pump()
    }

    func store(_ bytes: ByteBuffer) {
        guard let upload else { return }
        windowByteCount += bytes.readableBytes
        guard upload.writer.byteCount + Int64(bytes.readableBytes) <= upload.byteCountMax else {
            return refuse(Refusal.tooLong(byteCountMax: upload.byteCountMax))
        }
        upload.writer.append(bytes)
        // While this side doesn't read, the client can't be too slow.
        if !upload.hasRoom { setDeadline(nil) }
    }

    private func uploadProgressed() {
        guard case .receivingUpload = phase, let upload else { return }
        if let failure = upload.writer.failure { return refuse(storingFailed(failure)) }
        if upload.hasRoom, deadline.kind == nil { beginBodyWindow() }
        resumeReading()
    }

    func finishUpload() {
        guard let upload, let context else { return }
        setDeadline(nil)
        phase = .working
        self.upload = nil
        let pool = site.threads.pool
        let eventLoop = context.eventLoop
        upload.writer.finish { result in
            switch result {
            case .failure(let failure):
                self.discard(upload.upload)
                if case .working = self.phase { self.refuse(self.storingFailed(failure)) }
            case .success(let byteCount):
                let finish = upload.upload.finish
                pool.runIfActive(eventLoop: eventLoop) { try finish(byteCount) }
                    .assumeIsolated().whenComplete { self.uploadFinished($0, upload.upload) }
            }
        }
    }

    private func uploadFinished(_ result: Result<RouteAnswer, any Error>, _ upload: Upload) {
        if case .failure(let error) = result, error is NIOThreadPoolError.ThreadPoolInactive { discard(upload) }
        answerRoute(result)
    }

    private func storingFailed(_ failure: FileFailure) -> Refusal {
        if let refusal = failure.refusal { return Refusal(refusal.status, refusal.description) }
        site.logger.error("upload could not be stored", metadata: ["reason": "\(failure)"])
        return Refusal(507, "the body could not be stored")
    }

    /// Ends an upload whose body will not come to its end.
    func abandonUpload() {
        guard let upload else { return }
        self.upload = nil
        upload.writer.abandon { self.discard(upload.upload) }
    }

    private func discard(_ upload: Upload) {
        // Also when the pool has been shut down: the descriptor must be closed in any case.
        site.threads.pool.submit { _ in upload.discard() }
    }
}
