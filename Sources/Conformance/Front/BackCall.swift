import NIOCore
import NIOHTTP1
import NIOPosix

/// A request as it came, and as it goes on.
struct FrontRequest: Sendable {
    var head: HTTPRequestHead
    var body: ByteBuffer
}

struct FrontAnswer: Sendable {
    var head: HTTPResponseHead
    var body: ByteBuffer
}

/// Asks the master behind, over a connection for each request.
struct BackCall: Sendable {
    let group: MultiThreadedEventLoopGroup
    let port: Int

    private typealias Connection = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>

    private struct Unanswered: Error {}

    func answer(to request: FrontRequest) async throws -> FrontAnswer {
        var head = request.head
        head.headers.remove(name: "Expect")
        head.headers.remove(name: "Transfer-Encoding")
        head.headers.replaceOrAdd(name: "Connection", value: "close")
        let hasBody = request.body.readableBytes > 0 || head.method == .POST || head.method == .PUT
        if hasBody { head.headers.replaceOrAdd(name: "Content-Length", value: String(request.body.readableBytes)) }
        let connection = try await ClientBootstrap(group: group).connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHTTPClientHandlers()
                return try Connection(wrappingChannelSynchronously: channel)
            }
        }
        let whole = head
        return try await connection.executeThenClose { inbound, outbound in
            try await outbound.write(.head(whole))
            if hasBody { try await outbound.write(.body(.byteBuffer(request.body))) }
            try await outbound.write(.end(nil))
            var answer: FrontAnswer?
            for try await part in inbound {
                switch part {
                case .head(let head): answer = FrontAnswer(head: head, body: ByteBuffer())
                case .body(var bytes): answer?.body.writeBuffer(&bytes)
                case .end: if let answer { return answer }
                }
            }
            throw Unanswered()
        }
    }
}
