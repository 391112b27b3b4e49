import Glibc
import Logging
import NIOCore
import XMLRPC

private let plainText = "text/plain; charset=utf-8"

/// Everything that is sent.
extension ServerConnection {
    /// Refuses what is being received, and ends the connection unless `closes` is false. One line in the log.
    func refuse(_ refusal: Refusal, closes: Bool = true) {
        log(refusal)
        abandonUpload()
        sendRefusal(refusal, closes: closes)
    }

    /// One that has had its line.
    func sendRefusal(_ refusal: Refusal, closes: Bool = true) {
        send(
            status: refusal.status, contentType: plainText, bytes: Array((refusal.reason + "\n").utf8),
            furtherLines: refusal.headerLines, closes: closes)
    }

    /// Sends the answer to a call. Long ones that wait for their clients have a limit together.
    func sendDocument(_ bytes: [UInt8]) {
        guard bytes.count > IncomingDocument.byteCountMin else {
            return send(status: 200, contentType: "text/xml", bytes: bytes)
        }
        let budget = site.answerBudget
        guard budget.take(bytes.count) || budget.takenByteCount == bytes.count else {
            budget.giveBack(bytes.count)
            return refuse(
                Refusal(
                    503, "the answers that wait for their clients pass \(budget.byteCountMax) bytes; try again later"),
                closes: false)
        }
        send(status: 200, contentType: "text/xml", bytes: bytes) { budget.giveBack(bytes.count) }
    }

    /// Sends a whole answer with one write.
    ///
    /// - Parameter whenGone: Run once, when the client has taken it or never will.
    func send(
        status: Int, contentType: String, bytes: [UInt8], furtherLines: String = "", closes: Bool = false,
        whenGone: (@Sendable () -> Void)? = nil
    ) {
        guard let context, context.channel.isActive else {
            whenGone?()
            return close()
        }
        let keepsConnection = !closes && current?.keepsConnection ?? false
        let head = AnswerHead(
            status: status, contentType: contentType, byteCount: Int64(bytes.count), keepsConnection: keepsConnection,
            furtherLines: furtherLines)
        var buffer = context.channel.allocator.buffer(capacity: 256 + furtherLines.utf8.count + bytes.count)
        head.write(into: &buffer, date: site.date.now())
        let hasBody = AnswerHead.hasLength(status) && current?.isHead != true
        if hasBody { buffer.writeBytes(bytes) }
        sendLast(buffer, keepsConnection: keepsConnection, lingers: closes, whenGone: whenGone)
    }

    private func sendLast(
        _ buffer: ByteBuffer, keepsConnection: Bool, lingers: Bool, whenGone: (@Sendable () -> Void)? = nil
    ) {
        guard let context else { return }
        if needsPieces(buffer.readableBytes) {
            phase = .answering
            return sendPieces(buffer, keepsConnection: keepsConnection, lingers: lingers, whenGone: whenGone)
        }
        var gone: EventLoopPromise<Void>?
        if let whenGone {
            let promise = context.eventLoop.makePromise(of: Void.self)
            promise.futureResult.whenComplete { _ in whenGone() }
            gone = promise
        }
        if keepsConnection {
            phase = .awaitingWritability
            context.writeAndFlush(wrapOutboundOut(.byteBuffer(buffer)), promise: gone)
            guard case .awaitingWritability = phase else { return }
            if context.channel.isWritable { becomeIdle() } else { setDeadline(.answer) }
        } else {
            phase = .answering
            let written = gone ?? context.eventLoop.makePromise(of: Void.self)
            written.futureResult.assumeIsolated().whenComplete { _ in self.endAfterAnswer(lingers: lingers) }
            context.writeAndFlush(wrapOutboundOut(.byteBuffer(buffer)), promise: written)
            if case .answering = phase { setDeadline(.answer) }
        }
    }

    func becomeIdle() {
        current = nil
        sender = nil
        phase = .idle
        setDeadline(.idle)
        pump()
    }

    /// Closes; first only the sending half when the client may still be sending, because to close a socket with unread
    /// input destroys the answer on its way.
    func endAfterAnswer(lingers: Bool) {
        guard case .answering = phase, let context else { return }
        guard lingers || !arrivals.isEmpty else { return close() }
        phase = .draining
        setDeadline(.linger)
        context.close(mode: .output, promise: nil)
        pump()
    }

    // MARK: Routes

    func answerRoute(_ result: Result<RouteAnswer, any Error>) {
        guard case .working = phase else { return Self.drop(result) }
        switch result {
        case .failure(let error):
            site.logger.error("route failed", metadata: ["remote": "\(remote)", "error": "\(error)"])
            sendText(500, "internal error")
        case .success(.status(let status, let text)):
            sendText(status, text)
        case .success(.bytes(let bytes, let contentType)):
            send(status: 200, contentType: contentType, bytes: bytes, furtherLines: Self.noSniffing)
        case .success(.file(let file)):
            send(file)
        case .success(.memory(let memory)):
            send(memory)
        case .success(.later(let answer)):
            awaitAnswer(answer)
        }
    }

    private func awaitAnswer(_ answer: @escaping @Sendable () async throws -> RouteAnswer) {
        guard let context else { return }
        let (eventLoop, site) = (context.eventLoop, site)
        let connection = NIOLoopBound(self, eventLoop: eventLoop)
        Task {
            let result: Result<RouteAnswer, any Error>
            do { result = .success(try await answer()) } catch { result = .failure(error) }
            // Its connection is gone, and its event loop may be.
            if site.hasStopped { return ServerConnection.drop(result) }
            eventLoop.execute { connection.value.answerRoute(result) }
        }
    }

    /// Nothing of a route is to be taken for anything but what it is said to be, such as a script.
    static let noSniffing = "X-Content-Type-Options: nosniff\r\n"

    private func sendText(_ status: Int, _ text: String) {
        send(status: status, contentType: plainText, bytes: Array((text + "\n").utf8))
    }

    /// The connection ended while the route was at work.
    private static func drop(_ result: Result<RouteAnswer, any Error>) {
        guard case .success(.file(let file)) = result else { return }
        Glibc.close(file.descriptor)
    }

    private func send(_ file: FileAnswer) {
        if let packer = packer(for: file) { sendPacked(file, by: packer) } else { sendAsIs(file) }
    }

    func sendAsIs(_ file: FileAnswer) {
        let part = sendHead(
            contentType: file.contentType, byteCount: file.byteCount, entityTag: file.entityTag)
        guard let part else { return Self.drop(.success(.file(file))) }
        send(file.descriptor, file.offset + part.lowerBound..<file.offset + part.upperBound)
    }

    private func send(_ memory: MemoryAnswer) {
        let part = sendHead(
            contentType: "application/octet-stream", byteCount: Int64(memory.range.count), entityTag: memory.entityTag)
        guard let part, let context else { return }
        phase = .answering
        let start = memory.range.lowerBound
        let sender = MemorySender(
            memory.bytes, start + Int(part.lowerBound)..<start + Int(part.upperBound), eventLoop: context.eventLoop,
            write: { self.writeSlice($0) }, completion: { self.sent($0) })
        self.sender = sender
        sender.start()
    }

    /// - Returns: Which of the bytes are to follow; nil where all that there is to say has been said.
    private func sendHead(contentType: String, byteCount: Int64, entityTag: String?) -> Range<Int64>? {
        guard let context, let current else { return nil }
        var range = 0..<byteCount
        var head = AnswerHead(
            status: 200, contentType: contentType, byteCount: byteCount, keepsConnection: current.keepsConnection,
            furtherLines: "Accept-Ranges: bytes\r\n" + Self.noSniffing)
        if let entityTag { head.furtherLines += "ETag: \"\(entityTag)\"\r\n" }
        switch ByteRange(header: current.range, byteCount: byteCount) {
        case .whole:
            break
        case .part(let part):
            range = part
            head.status = 206
            head.byteCount = Int64(part.count)
            head.furtherLines += "Content-Range: bytes \(part.lowerBound)-\(part.upperBound - 1)/\(byteCount)\r\n"
        case .unsatisfiable:
            send(
                status: 416, contentType: plainText, bytes: Array("the range does not exist\n".utf8),
                furtherLines: "Content-Range: bytes */\(byteCount)\r\n")
            return nil
        }
        var buffer = context.channel.allocator.buffer(capacity: 512)
        head.write(into: &buffer, date: site.date.now())
        if current.isHead || range.isEmpty {
            sendLast(buffer, keepsConnection: current.keepsConnection, lingers: false)
            return nil
        }
        context.write(wrapOutboundOut(.byteBuffer(buffer)), promise: nil)
        return range
    }

    private func writeSlice(_ slice: IOData) -> EventLoopFuture<Void> {
        guard let context else { preconditionFailure("a closed connection stops its sender") }
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(slice), promise: written)
        if case .answering = phase { setDeadline(.answer) }
        return written.futureResult
    }

    private func send(_ descriptor: CInt, _ range: Range<Int64>) {
        guard let context else { return }
        phase = .answering
        let sender = DescriptorSender(
            descriptor: descriptor, range: range, throughMemory: site.configuration.tls != nil, pool: site.threads.pool,
            eventLoop: context.eventLoop,
            write: { self.writeSlice($0) },
            completion: { self.sent($0) })
        self.sender = sender
        sender.start()
    }

    func sent(_ result: Result<Void, any Error>) {
        guard case .answering = phase else { return }
        if case .failure(let error) = result {
            noteBroken("sending failed: \(error)")
            close()
        } else if current?.keepsConnection == true {
            becomeIdle()
        } else {
            endAfterAnswer(lingers: false)
        }
    }

    // MARK: Log

    private var remote: String { PeerAddress.text(context?.remoteAddress) }

    func log(_ refusal: Refusal) {
        site.strangerLog.write(
            StrangerLog.kind(ofRefusal: refusal.status),
            ["remote": "\(remote)", "status": "\(refusal.status)", "reason": "\(refusal.reason)"])
    }

    /// Logs a connection that ends in the middle of something; one that has been refused has had its line.
    func noteBroken(_ reason: String) {
        switch phase {
        case .idle, .delaying, .draining, .closed:
            return
        case .receivingCall, .receivingEnd, .receivingUpload, .working, .answering, .awaitingWritability:
            site.strangerLog.write(
                unansweredCall == nil ? .connectionBroken : .callAbandoned,
                ["remote": "\(remote)", "reason": "\(reason)"])
        }
    }
}
