import Glibc
import NIOCore

// Answers that are packed on their way.

extension ServerConnection {
    /// What is shorter goes as it is: it is hardly longer than the answer's head.
    static let packedByteCountMin: Int64 = 4 << 10

    private func mayPack(_ file: FileAnswer) -> Bool {
        guard let current, let coding = file.coding, current.takesChunks, !current.isHead, current.range == nil else {
            return false
        }
        switch coding.wish {
        case .never: return false
        case .whenItPays: return file.byteCount >= Self.packedByteCountMin
        case .always: return file.byteCount > 0
        }
    }

    /// - Parameter packer: nil where there is no memory for one: the file is sent as it is.
    func packer(for file: FileAnswer) -> (any BodyPacker)? {
        guard mayPack(file), let coding = file.coding?.coding else { return nil }
        do {
            return try coding.makePacker()
        } catch {
            site.logger.warning("answers are not packed", metadata: ["reason": "\(error)"])
            return nil
        }
    }

    func send(_ file: FileAnswer, by packer: any BodyPacker, isForced: Bool) {
        guard let context else { return }
        phase = .answering
        let sender = PackedSender(
            descriptor: file.descriptor, range: file.offset..<file.offset + file.byteCount, packer: packer,
            isForced: isForced, pace: pace, pool: site.threads.pool, eventLoop: context.eventLoop,
            link: { self.link },
            write: { slice in
                let written = context.eventLoop.makePromise(of: Void.self)
                context.writeAndFlush(self.wrapOutboundOut(slice), promise: written)
                if case .answering = self.phase { self.setDeadline(.answer) }
                return written.futureResult
            },
            completion: { result in
                if let sender = self.sender as? PackedSender { self.pace = sender.pace }
                self.sent(result)
            })
        self.sender = sender
        sender.start()
    }

    private var link: PackingPace.Link {
        guard let provider = context?.channel as? any SocketOptionProvider else {
            return PackingPace.Link(unsentByteCount: 0, rate: 0)
        }
        var link = PackingPace.Link(unsentByteCount: Double(unsentByteCount), rate: 0)
        // On the channel's own event loop the answer is there at once.
        let info: EventLoopFuture<LinkInfo> = provider.unsafeGetSocketOption(
            level: SocketOptionLevel(IPPROTO_TCP), name: SocketOptionName(TCP_INFO))
        info.assumeIsolated().whenSuccess { info in
            link.unsentByteCount += Double(info.unsentByteCount)
            link.rate = Double(info.deliveryRate)
        }
        return link
    }
}

/// The beginning of the kernel's `struct tcp_info` (linux/tcp.h), of which glibc's header has only the older members.
private struct LinkInfo: Sendable {
    private let before: [18 of UInt64]
    /// `tcpi_notsent_bytes`.
    let unsentByteCount: UInt32
    private let shortestRoundTrip: UInt32
    private let segmentCounts: UInt64
    /// `tcpi_delivery_rate`: bytes per second, as acknowledgements show it. It is not lowered while this side had nothing to send.
    let deliveryRate: UInt64
}
