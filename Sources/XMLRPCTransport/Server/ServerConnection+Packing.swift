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

    /// nil where the file is to be sent as it is, also for want of memory.
    func packer(for file: FileAnswer) -> (any BodyPacker)? {
        guard mayPack(file), let coding = file.coding else { return nil }
        guard coding.wish == .always || pace.mayPay(link) else { return nil }
        do {
            return try coding.coding.makePacker()
        } catch {
            site.logger.warning("answers are not packed", metadata: ["reason": "\(error)"])
            return nil
        }
    }

    /// Sends it as it is when its first piece does not become shorter, unless packing is forced.
    func sendPacked(_ file: FileAnswer, by packer: any BodyPacker) {
        guard let context, let coding = file.coding else { return sendAsIs(file) }
        phase = .answering
        let sender = PackedSender(
            descriptor: file.descriptor, range: file.offset..<file.offset + file.byteCount, packer: packer,
            isForced: coding.wish == .always, pace: pace, pool: site.threads.pool, eventLoop: context.eventLoop,
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
        sender.start { isShorter in
            guard isShorter || coding.wish == .always else {
                self.pace = sender.pace
                self.sender = nil
                self.sendAsIs(file)
                return false
            }
            self.sendPackedHead(file, coding.coding.name)
            return true
        }
    }

    private func sendPackedHead(_ file: FileAnswer, _ coding: String) {
        guard let context, let current else { return }
        let head = AnswerHead(
            status: 200, contentType: file.contentType, byteCount: nil, keepsConnection: current.keepsConnection,
            furtherLines: "\(Self.noSniffing)Content-Encoding: \(coding)\r\nTransfer-Encoding: chunked\r\n")
        var buffer = context.channel.allocator.buffer(capacity: 512)
        head.write(into: &buffer, date: site.date.now())
        context.write(wrapOutboundOut(.byteBuffer(buffer)), promise: nil)
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
            link.rate = Double(info.deliveryRate)
            // What is on its way waits before the slowest part of it, but for what an idle way holds.
            let onItsWay = Double(info.unacknowledgedCount) * Double(info.segmentByteCount)
            let held = Double(info.shortestRoundTrip) / 1e6 * link.rate
            link.unsentByteCount += Double(info.unsentByteCount) + max(0, onItsWay - held)
        }
        return link
    }
}

/// The beginning of the kernel's `struct tcp_info` (linux/tcp.h), of which glibc's header has only the older members.
private struct LinkInfo: Sendable {
    private let states: [2 of UInt64]
    /// `tcpi_snd_mss`.
    let segmentByteCount: UInt32
    private let receivedSegmentByteCount: UInt32
    /// `tcpi_unacked`, in segments.
    let unacknowledgedCount: UInt32
    private let selectivelyAcknowledgedCount: UInt32
    private let times: [14 of UInt64]
    /// `tcpi_notsent_bytes`.
    let unsentByteCount: UInt32
    /// `tcpi_min_rtt`, in microseconds.
    let shortestRoundTrip: UInt32
    private let segmentCounts: UInt64
    /// `tcpi_delivery_rate`: bytes per second, as acknowledgements show it. It is not lowered while this side had nothing to send.
    let deliveryRate: UInt64
}
