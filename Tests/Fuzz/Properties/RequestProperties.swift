import Logging
import NIOCore
import NIOEmbedded
import TestSupport
import XMLRPC
import XMLRPCTransport

/// What must hold for any bytes that a server's connection gets.
package final class RequestProperties: Sendable {
    private let threads = TransportThreads(eventLoopCount: 1, blockingThreadCount: 1)
    private let methods = MethodTable([
        Method(name: "echo", signatures: [], help: "") { parameters, _ in .array(parameters) }
    ])

    package init() {}

    /// - Returns: What does not hold; nil if all does.
    package func violation(by bytes: UnsafeRawBufferPointer) -> String? {
        do {
            let whole = try answers(to: bytes, pieceByteCountMax: .max)
            if let strange = whole.first(where: { !(200...599).contains($0) && $0 != 100 }) {
                return "\(strange) is no status of an answer"
            }
            let inPieces = try answers(to: bytes, pieceByteCountMax: 16)
            // What is wrong in two ways may be refused for either, whichever comes to light first.
            let isSame = Self.kinds(whole) == Self.kinds(inPieces) || Self.isRefusedEarlier(inPieces, whole)
            return isSame ? nil : "it is answered with \(whole), but in pieces with \(inPieces)"
        } catch {
            return "\(error)"
        }
    }

    private static func kinds(_ statuses: some Sequence<Int>) -> [Int] { statuses.map { min($0, 400) } }

    /// What is wrong with a request line that comes with the request before it is seen only when its head is whole.
    private static func isRefusedEarlier(_ inPieces: [Int], _ whole: [Int]) -> Bool {
        guard let last = inPieces.last, last >= 400 else { return false }
        return kinds(inPieces.dropLast()) == kinds(whole)
    }

    /// The statuses of all answers, in order.
    private func answers(to bytes: UnsafeRawBufferPointer, pieceByteCountMax: Int) throws -> [Int] {
        let channel = EmbeddedChannel()
        var configuration = HTTPServerConfiguration(host: "127.0.0.1", port: 0)
        configuration.bodyByteCountMax = 64 << 10
        try HTTPServer.serve(
            channel, configuration: configuration, methods: methods, threads: threads,
            logger: Logger(label: "fuzz", factory: { _ in SwiftLogNoOpLogHandler() }))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 80)).wait()
        var random = SplitMix64(seed: UInt64(bytes.count))
        var rest = bytes[...]
        while !rest.isEmpty, channel.isActive {
            let pieceByteCount = Int.random(in: 1...min(pieceByteCountMax, rest.count), using: &random)
            let piece = pieceByteCountMax == .max ? rest : rest.prefix(pieceByteCount)
            // An error in the pipeline has been answered; only a closed channel throws.
            do { try channel.writeInbound(ByteBuffer(bytes: UnsafeRawBufferPointer(rebasing: piece))) } catch { break }
            rest = rest.dropFirst(piece.count)
        }
        let statuses = try sentStatuses(channel)
        // Already closed, as a rule: whatever else it says, nobody listens any more.
        _ = try? channel.finish(acceptAlreadyClosed: true)
        return statuses
    }

    private func sentStatuses(_ channel: EmbeddedChannel) throws -> [Int] {
        var statuses: [Int] = []
        // Every answer is one write, and each begins with its status line.
        while let data = try channel.readOutbound(as: IOData.self) {
            guard case .byteBuffer(var buffer) = data, buffer.readableBytes > 0 else { continue }
            guard let start = buffer.readString(length: 12), start.hasPrefix("HTTP/1.1 "),
                let status = Int(start.suffix(3))
            else { throw StrangeAnswer() }
            statuses.append(status)
        }
        return statuses
    }
}

private struct StrangeAnswer: Error, CustomStringConvertible {
    let description = "an answer does not begin with a status line"
}
