import NIOCore
import NIOHTTP1

/// What a client sends, and where the answer goes.
struct ClientRequest: Sendable {
    let head: HTTPRequestHead
    let body: Body
    let sink: Sink
    /// nil for exchanges that only have a deadline.
    var pace: TransferPace?
    /// How the answer may be packed, where it goes to a destination: it is unpacked before it is written.
    var coding: (any BodyCoding)?

    enum Body: Sendable {
        case none
        case bytes(ByteBuffer)
        /// The descriptor stays the caller's.
        case file(descriptor: CInt, range: Range<Int64>)
    }

    enum Sink: Sendable {
        case memory(byteCountMax: Int)
        /// Is written to until the exchange has ended, not longer.
        case destination(any BodyDestination, offset: Int64, range: Range<Int64>?, byteCountMax: Int64)
    }
}

/// A whole answer.
struct ClientAnswer: Sendable {
    let status: Int
    /// The `charset` parameter of its Content-Type.
    var charset: String?
    /// Empty when the body went to a destination.
    let body: ByteBuffer
    /// Written to the destination.
    let storedByteCount: Int64
    /// Of the body as it came.
    var receivedByteCount: Int64 = 0
}

/// Why an exchange failed, and whether it can be tried again without the caller's leave.
struct ExchangeFailure: Error {
    let error: any Error
    /// The connection had been idle and was closed before any byte of the answer came.
    let wasStaleConnection: Bool
}
