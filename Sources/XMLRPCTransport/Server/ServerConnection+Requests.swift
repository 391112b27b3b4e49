import NIOCore
import NIOHTTP1
import XMLRPC

/// From a request's head to the work it asks for.
extension ServerConnection {
    func begin(_ head: HTTPRequestHead) {
        current = CurrentRequest(
            callerID: site.nextCallerID(), isHead: head.method == .HEAD,
            range: head.headers.contains(name: "if-range") ? nil : head.headers.first(name: "range"),
            takesChunks: head.version == .http1_1, keepsConnection: keepsConnection(head),
            headers: site.observer == nil ? nil : head.headers)
        let verdict = site.judge.judge(head)
        if let role = verdict.role, role != site.judge.authorizer?.strangersRole, !noteAuthenticated(as: role) {
            let reason = "these credentials have as many connections as they may; try again later"
            return refuse(Refusal(503, reason), head: head)
        }
        switch verdict {
        case .refuse(let refusal): refuse(refusal, head: head)
        case .wrongCredentials(let reason): refuseCredentials(reason: reason)
        case .call(let call): beginCall(call)
        case .get(let route, let request): beginGet(route, request, headers: head.headers)
        case .put(let route, let request): openUpload(route, request, headers: head.headers)
        }
    }

    private func keepsConnection(_ head: HTTPRequestHead) -> Bool {
        // The parser stops for good after a request that asks for another protocol.
        let asksForUpgrade = head.method == .CONNECT || head.headers.contains(name: "upgrade")
        return head.version == .http1_1 && head.isKeepAlive && !asksForUpgrade && site.stopsAt == nil
    }

    /// A refusal that can't be misunderstood leaves the connection open when no body follows.
    private func refuse(_ refusal: Refusal, head: HTTPRequestHead) {
        let isHarmless = [401, 404, 405].contains(refusal.status) && !announcesBody(head)
        if isHarmless && !hasOverstayed && current?.keepsConnection == true {
            phase = .receivingEnd(.refuse(refusal))
        } else {
            refuse(refusal)
        }
    }

    private func announcesBody(_ head: HTTPRequestHead) -> Bool {
        head.headers.contains(name: "transfer-encoding")
            || head.headers.first(name: "content-length").map { $0 != "0" } ?? false
    }

    private func beginCall(_ call: RequestJudge.CallHead) {
        phase = .receivingCall(call)
        if call.expectsContinue { sendContinue() }
        beginBodyWindow()
    }

    func gather(_ bytes: ByteBuffer, of call: RequestJudge.CallHead) {
        if let document { return take(bytes, into: document) }
        if call.coding != .identity || body.readableBytes + bytes.readableBytes > IncomingDocument.byteCountMin {
            return beginDocument(bytes, of: call)
        }
        windowByteCount += bytes.readableBytes
        if body.readableBytes == 0 {
            body = bytes
            if case .known(let byteCount) = call.body { body.reserveCapacity(expectedCapacity(byteCount)) }
        } else {
            body.writeImmutableBuffer(bytes)
        }
    }

    private func beginDocument(_ bytes: ByteBuffer, of call: RequestJudge.CallHead) {
        let document = IncomingDocument(
            coding: call.coding, charset: call.charset, byteCountMax: site.configuration.bodyByteCountMax,
            decoders: site.decoders, budget: site.documentBudget)
        self.document = document
        let gathered = body
        body = ByteBuffer()
        take(gathered, into: document)
        // Unless it has been refused.
        if case .receivingCall = phase { take(bytes, into: document) }
    }

    private func take(_ bytes: ByteBuffer, into document: IncomingDocument) {
        // Packed bytes that bring none of the document keep no connection.
        let byteCountBefore = document.unpackedByteCount
        do throws(Refusal) {
            try document.append(bytes)
            windowByteCount += document.unpackedByteCount - byteCountBefore
        } catch {
            self.document = nil
            document.giveBack()
            refuse(error)
        }
    }

    /// A longer body is not gathered.
    private func expectedCapacity(_ byteCount: Int64) -> Int {
        let announced = Int(byteCount)
        return announced <= body.readableBytes || announced > IncomingDocument.byteCountMin ? 0 : announced
    }

    func dispatch(_ call: RequestJudge.CallHead) {
        guard let context, let current else { return }
        setDeadline(nil)
        let decoded: Result<MethodCall, XMLRPCFault>
        do throws(Refusal) {
            decoded = try decodedCall(call)
        } catch {
            return refuse(error)
        }
        phase = .working
        let callerID = current.callerID
        unansweredCall = callerID
        switch decoded {
        case .failure(let fault):
            site.observer?.refused(fault)
            reply(.fault(fault), to: callerID)
        case .success(let methodCall):
            let eventLoop = context.eventLoop
            let connection = NIOLoopBound(self, eventLoop: eventLoop)
            let caller = Caller(id: callerID, remoteAddress: remoteIP, role: call.role)
            let site = site
            run(methodCall, caller: caller, headers: current.headers) { response in
                // Its connection is gone, and its event loop may be.
                if site.hasStopped { return }
                if eventLoop.inEventLoop {
                    connection.value.reply(response, to: callerID)
                } else {
                    eventLoop.execute { connection.value.reply(response, to: callerID) }
                }
            }
        }
    }

    private func run(
        _ call: MethodCall, caller: Caller, headers: HTTPHeaders?, reply: @escaping CallObserver.Reply
    ) {
        let methods = site.methods
        guard let observer = site.observer, let headers else {
            return methods.answer(call, caller: caller, reply: reply)
        }
        observer.run(call, header: { headers.first(name: $0) }, reply: reply) { reply in
            methods.answer(call, caller: caller, reply: reply)
        }
    }

    private func decodedCall(_ call: RequestJudge.CallHead) throws(Refusal) -> Result<MethodCall, XMLRPCFault> {
        if let document {
            self.document = nil
            return try document.finish()
        }
        let whole = body
        body = ByteBuffer()
        // Not even the beginning of what was announced to be packed.
        guard call.coding == .identity else { throw Refusal(400, "the body is empty, and was to be packed") }
        return site.decoders.decodeCall(whole, charset: call.charset)
    }

    /// Answers a call, unless it has been abandoned.
    private func reply(_ response: MethodResponse, to callerID: UInt64) {
        guard unansweredCall == callerID else { return }
        unansweredCall = nil
        sendDocument(encoded(response))
    }

    /// A result that XML can't hold becomes a fault.
    private func encoded(_ response: MethodResponse) -> [UInt8] {
        do {
            return try XMLRPCCodec.encode(response)
        } catch {
            return XMLRPCCodec.encode(error)
        }
    }

    func beginGet(_ route: Route, _ head: RequestJudge.RouteRequestHead, headers: HTTPHeaders) {
        guard case .get(let handler) = route.action else { preconditionFailure("the judge chose a route for PUT") }
        phase = .receivingEnd(.run(handler, routeRequest(head, headers: headers)))
        if head.expectsContinue { sendContinue() }
    }

    func routeRequest(_ head: RequestJudge.RouteRequestHead, headers: HTTPHeaders) -> RouteRequest {
        var byteCount: Int64?
        if case .known(let announced) = head.body { byteCount = announced }
        return RouteRequest(
            components: head.components, query: head.query, isHead: current?.isHead ?? false, byteCount: byteCount,
            callerID: current?.callerID ?? 0, role: head.role, remoteAddress: remoteIP, headers: headers)
    }

    func perform(_ action: EndAction) {
        setDeadline(nil)
        switch action {
        case .refuse(let refusal):
            refuse(refusal, closes: false)
        case .run(let handler, let request):
            guard let context else { return }
            phase = .working
            site.threads.pool.runIfActive(eventLoop: context.eventLoop) { try handler(request) }
                .assumeIsolated().whenComplete { self.answerRoute($0) }
        }
    }

    func sendContinue() {
        guard let context else { return }
        context.writeAndFlush(
            wrapOutboundOut(.byteBuffer(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n"))), promise: nil)
    }
}
