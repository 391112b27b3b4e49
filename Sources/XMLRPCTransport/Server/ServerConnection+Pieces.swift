import NIOCore

/// Long answers over TLS go piece by piece, each when the kernel has taken the one before it. All that is encrypted at a
/// time is held beside the answer itself, and swift-nio-ssl keeps room for as much while the connection lasts.
extension ServerConnection {
    static let pieceByteCountMax = 64 << 10

    func needsPieces(_ byteCount: Int) -> Bool { site.configuration.tls != nil && byteCount > Self.pieceByteCountMax }

    /// - Parameter whenGone: Run once, when the client has taken it or never will.
    func sendPieces(_ bytes: ByteBuffer, keepsConnection: Bool, lingers: Bool, whenGone: (@Sendable () -> Void)?) {
        guard case .answering = phase, let context else {
            whenGone?()
            return
        }
        var rest = bytes
        guard let piece = rest.readSlice(length: min(rest.readableBytes, Self.pieceByteCountMax)) else { return }
        let written = context.eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(.byteBuffer(piece)), promise: written)
        if case .answering = phase { setDeadline(.answer) }
        written.futureResult.assumeIsolated().whenComplete { result in
            if case .success = result, rest.readableBytes > 0 {
                self.sendPieces(rest, keepsConnection: keepsConnection, lingers: lingers, whenGone: whenGone)
            } else {
                whenGone?()
                self.sentPieces(result, keepsConnection: keepsConnection, lingers: lingers)
            }
        }
    }

    private func sentPieces(_ result: Result<Void, any Error>, keepsConnection: Bool, lingers: Bool) {
        guard case .answering = phase else { return }
        if case .failure(let error) = result {
            noteBroken("sending failed: \(error)")
            close()
        } else if keepsConnection, current?.keepsConnection == true {
            becomeIdle()
        } else {
            endAfterAnswer(lingers: lingers)
        }
    }
}
