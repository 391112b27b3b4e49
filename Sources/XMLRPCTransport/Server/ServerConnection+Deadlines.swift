import NIOCore

/// What a connection waits for, and for how long.
struct ConnectionDeadline {
    enum Kind {
        case idle, head, body, wrongCredentials, answer, linger
    }

    var kind: Kind?
    var time = NIODeadline.distantFuture
    /// When an answer began to be waited for.
    var unsentByteCount = 0
    /// The timer that is set, perhaps earlier than `time`: moving a deadline back costs nothing.
    var timer: Scheduled<Void>?
    var timerTime = NIODeadline.distantFuture
}

extension ServerConnection {
    func setDeadline(_ kind: ConnectionDeadline.Kind?) {
        deadline.kind = kind
        guard let kind else {
            deadline.time = .distantFuture
            return
        }
        deadline.time = .now() + TimeAmount(length(of: kind))
        if case .answer = kind { deadline.unsentByteCount = unsentByteCount }
        if deadline.timer == nil || deadline.time < deadline.timerTime { startTimer() }
    }

    private func length(of kind: ConnectionDeadline.Kind) -> Duration {
        let configuration = site.configuration
        switch kind {
        case .idle:
            return standing == .unauthenticated
                ? min(configuration.idleTimeout, configuration.unauthenticatedIdleTimeout) : configuration.idleTimeout
        case .head: return configuration.headerDeadline
        case .body: return configuration.bodyWindow
        case .wrongCredentials: return configuration.wrongCredentialsDelay
        case .linger: return configuration.lingerTimeout
        case .answer: return configuration.answerStallMax
        }
    }

    /// Whether a connection without credentials has been here for so long that one more request without them ends it.
    var hasOverstayed: Bool {
        guard standing == .unauthenticated else { return false }
        return .now() - openedAt > TimeAmount(site.configuration.unauthenticatedIdleTimeout)
    }

    private func startTimer() {
        guard let context else { return }
        deadline.timer?.cancel()
        deadline.timerTime = deadline.time
        deadline.timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline.time) { self.timerFired() }
    }

    private func timerFired() {
        deadline.timer = nil
        guard let kind = deadline.kind else { return }
        if deadline.time > .now() { return startTimer() }
        deadline.kind = nil
        expire(kind)
    }

    func cancelDeadline() {
        deadline.timer?.cancel()
        deadline = ConnectionDeadline()
    }

    private func expire(_ kind: ConnectionDeadline.Kind) {
        switch kind {
        case .idle:
            closeWhenFlushed()
        case .linger:
            close()
        case .head:
            refuse(Refusal(408, "the headers did not come within \(site.configuration.headerDeadline)"))
        case .body:
            bodyWindowEnded()
        case .wrongCredentials:
            wrongCredentialsDelayEnded()
        case .answer:
            answerWindowEnded()
        }
    }

    /// The client has taken as much of the answer as a body must bring in that time, or it is given up.
    private func answerWindowEnded() {
        let configuration = site.configuration
        let unsentByteCount = unsentByteCount
        let takenByteCount = deadline.unsentByteCount - unsentByteCount
        let byteCountMin = Int(configuration.answerStallMax / .seconds(1) * Double(configuration.bodyByteRateMin))
        if takenByteCount >= max(1, byteCountMin) { return setDeadline(.answer) }
        noteBroken("the client did not take the answer within \(configuration.answerStallMax)")
        close()
    }

    /// Of what has been written, and waits for the client to take it.
    var unsentByteCount: Int {
        guard let options = context?.channel.syncOptions else { return 0 }
        do {
            return try options.getOption(.bufferedWritableBytes)
        } catch {
            return 0
        }
    }

    /// Called after every read: one that brought bytes but no request has begun a head.
    func noteHeadBegun() {
        let broughtParts = hasPartsOfThisRead
        hasPartsOfThisRead = false
        guard !broughtParts, case .idle = phase, case .idle? = deadline.kind else { return }
        setDeadline(.head)
    }

    func beginBodyWindow() {
        windowByteCount = 0
        setDeadline(.body)
    }

    private func bodyWindowEnded() {
        let configuration = site.configuration
        let byteCountMin = Int((configuration.bodyWindow / .seconds(1)) * Double(configuration.bodyByteRateMin))
        if windowByteCount >= max(1, byteCountMin) {
            beginBodyWindow()
        } else {
            refuse(Refusal(408, "the body comes slower than \(configuration.bodyByteRateMin) bytes per second"))
        }
    }
}
