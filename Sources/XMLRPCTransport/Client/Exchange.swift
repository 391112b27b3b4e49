import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// One request and its answer over one connection, with its deadline. Belongs to one event loop.
final class Exchange {
    let request: ClientRequest
    let address: String
    private let eventLoop: any EventLoop
    /// Called once, on the event loop.
    private let completion: (Result<ClientAnswer, ExchangeFailure>) -> Void
    private let timing: ExchangeTiming
    private let isReused: Bool
    private var connection: ClientConnection?
    private var timer: Scheduled<Void>?
    /// The present window of the request's pace.
    private var windowBegan = NIODeadline.now()
    private var windowByteCount = 0
    private var phase = TransportError.Phase.connecting
    private var isSettled = false
    private var head: HTTPResponseHead?
    private var body = ByteBuffer()
    private var writer: BodyWriter?
    /// Bytes that the answer may still have, where it goes to a destination.
    private var fileRoom = Int64.max
    private var sender: DescriptorSender?
    private var isRequestSent = true
    /// The socket isn't read until more has been written.
    private var isHeldUp = false

    init(
        _ request: ClientRequest, address: String, timing: ExchangeTiming, isReused: Bool,
        eventLoop: any EventLoop, completion: @escaping (Result<ClientAnswer, ExchangeFailure>) -> Void
    ) {
        self.request = request
        self.address = address
        self.timing = timing
        self.isReused = isReused
        self.completion = completion
        self.eventLoop = eventLoop
        startTimer()
    }

    // MARK: Ends

    var hasEnded: Bool { isSettled }

    func begin(over connection: ClientConnection) {
        guard !isSettled else { return connection.exchangeEnded(canBeReused: true) }
        self.connection = connection
        phase = .exchanging
        beginWindow()
        connection.begin(self)
    }

    /// Ends the exchange now, and its connection with it.
    func abort(_ error: any Error) {
        fail(error)
    }

    func connectionClosed() {
        fail(TransportError.closed(address: address), wasStaleConnection: isReused && head == nil)
    }

    func connectionFailed(_ error: any Error) {
        switch error {
        case let error as IOError where [ECONNRESET, EPIPE].contains(error.errnoCode): connectionClosed()
        // The parser reports the end of the input first: here a head had begun.
        case HTTPParserError.invalidEOFState: fail(TransportError.closed(address: address))
        // An end without a goodbye: what came before it may have been cut.
        case NIOSSLError.uncleanShutdown: connectionClosed()
        // A server may look at this side's certificate only when this side believes that all is well.
        case BoringSSLError.sslError: encryptionFailed(TLSFailure(error))
        case is IOError: fail(TransportError.unreachable(address: address, reason: "\(error)"))
        default: fail(malformed("\(error)"))
        }
    }

    private func encryptionFailed(_ failure: TLSFailure) {
        // What was changed on its way is as good as lost.
        guard failure.isRefusalOfCertificate else { return fail(TransportError.closed(address: address)) }
        fail(TransportError.handshakeFailed(address: address, reason: failure.reason(other: address)))
    }

    private func fail(_ error: any Error, wasStaleConnection: Bool = false) {
        guard !isSettled else { return }
        isSettled = true
        timer?.cancel()
        sender?.stop()
        connection?.close()
        connection = nil
        let failure = ExchangeFailure(error: error, wasStaleConnection: wasStaleConnection)
        // The caller may close its file as soon as it hears: first nothing must write to it any more.
        guard let writer else { return completion(.failure(failure)) }
        if case TransportError.closed = error {
            // What came before the cut is good: a transfer may go on behind it.
            writer.finish { _ in self.completion(.failure(failure)) }
        } else {
            writer.abandon { self.completion(.failure(failure)) }
        }
    }

    private func succeed(_ answer: ClientAnswer) {
        guard !isSettled else { return }
        isSettled = true
        timer?.cancel()
        sender?.stop()
        let ended = connection
        connection = nil
        ended?.exchangeEnded(canBeReused: isRequestSent && head?.isKeepAlive == true)
        completion(.success(answer))
    }

    private func malformed(_ reason: String) -> TransportError {
        .malformedAnswer(address: address, reason: Escaped.text(reason))
    }

    // MARK: Time

    private func startTimer() {
        let windowEnds = request.pace.map { windowBegan + TimeAmount($0.stallMax) } ?? .distantFuture
        timer = eventLoop.assumeIsolated().scheduleTask(deadline: min(timing.deadline, windowEnds)) {
            self.timerFired()
        }
    }

    private func timerFired() {
        let now = NIODeadline.now()
        if now >= timing.deadline {
            fail(TransportError.timedOut(address: address, phase: phase, after: timing.timeout))
            return
        }
        if let pace = request.pace, now >= windowBegan + TimeAmount(pace.stallMax) {
            guard windowByteCount >= pace.byteCountMin else {
                return fail(TransportError.stalled(address: address, after: pace.stallMax))
            }
            beginWindow()
        }
        startTimer()
    }

    /// Whenever the other side begins something, or this side was what held the transfer up.
    private func beginWindow() {
        guard request.pace != nil else { return }
        windowBegan = .now()
        windowByteCount = 0
    }

    // MARK: Sending a file

    func send(_ descriptor: CInt, _ range: Range<Int64>, over connection: ClientConnection) {
        // A copy, because sending may outlast the exchange for a moment.
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else {
            let isShortage = TransportError.isShortage(errno)
            let reason = FileFailure(errno: errno, doing: "dup").reason
            return fail(isShortage ? TransportError.shortage(reason: reason) : .localFile(reason: reason))
        }
        isRequestSent = false
        let sender = DescriptorSender(
            descriptor: copy, range: range, throughMemory: connection.isEncrypted, pool: connection.threads.pool,
            eventLoop: eventLoop,
            write: { slice in
                self.beginWindow()
                return connection.write(slice)
            },
            completion: { self.sent($0) })
        self.sender = sender
        sender.start()
    }

    private func sent(_ result: Result<Void, any Error>) {
        sender = nil
        beginWindow()
        switch result {
        case .success:
            isRequestSent = true
            connection?.writeEnd()
        case .failure(let error as FileFailure):
            fail(TransportError.localFile(reason: error.reason))
        case .failure:
            // The connection has ended, and says so itself; or the answer came early.
            break
        }
    }

    // MARK: Receiving

    var takesInput: Bool { writer.map { $0.backlogByteCount < BodyWriter.backlogByteCountMax } ?? true }

    func receive(_ head: HTTPResponseHead) {
        if let name = SafeHead.unsafe(in: head.headers) {
            return fail(malformed("the header '\(name)' has too many combining characters in a row"))
        }
        self.head = head
        beginWindow()
        guard case .destination(let destination, let offset, let range, let byteCountMax) = request.sink,
            head.status.code / 100 == 2
        else {
            return
        }
        if let problem = AnswerRange.problem(with: head, expecting: range) { return fail(malformed(problem)) }
        fileRoom = byteCountMax
        guard let connection else { return }
        var unpacking: BodyWriter.Unpacking?
        if let coding = request.coding,
            head.headers[canonicalForm: "content-encoding"].elementsEqual([coding.name[...]])
        {
            do {
                unpacking = .init(unpacker: try coding.makeUnpacker(), byteCountMax: byteCountMax)
            } catch {
                return fail(TransportError.shortage(reason: "\(error)"))
            }
            fileRoom = Exchange.packedByteCountMax(byteCountMax)
        }
        let writer = BodyWriter(
            destination: destination, offset: offset, unpacking: unpacking, pool: connection.threads.pool,
            eventLoop: eventLoop)
        writer.onProgress = { self.stored() }
        self.writer = writer
    }

    /// What can't be made shorter becomes a little longer.
    private static func packedByteCountMax(_ byteCountMax: Int64) -> Int64 {
        let (sum, isTooLarge) = byteCountMax.addingReportingOverflow(byteCountMax / 16 + 64 << 10)
        return isTooLarge ? .max : sum
    }

    /// Why what came could not be written.
    private func error(_ failure: FileFailure) -> TransportError {
        switch failure.fault {
        case nil: .localFile(reason: failure.reason)
        case .tooLong: tooLong
        case .damaged: .damagedAnswer(address: address, reason: failure.reason)
        }
    }

    private func stored() {
        // Bytes that wait for this side's disk, and the end of an answer that is all here, are no fault of the other.
        if connection == nil || isHeldUp { beginWindow() }
        isHeldUp = !takesInput
        if let failure = writer?.failure {
            fail(error(failure))
        } else {
            connection?.resumeReading()
        }
    }

    func receive(_ bytes: ByteBuffer) {
        guard !isSettled else { return }
        windowByteCount += bytes.readableBytes
        if let writer {
            fileRoom -= Int64(bytes.readableBytes)
            guard fileRoom >= 0 else { return fail(tooLong) }
            writer.append(bytes)
            if !takesInput { isHeldUp = true }
            return
        }
        guard body.readableBytes + bytes.readableBytes <= memoryByteCountMax else { return fail(tooLong) }
        if body.readableBytes == 0 {
            body = bytes
        } else {
            body.writeImmutableBuffer(bytes)
        }
    }

    /// Of an error's text, when the answer itself would go to a destination.
    private static let errorByteCountMax = 1 << 20

    private var memoryByteCountMax: Int {
        if case .memory(let byteCountMax) = request.sink { return byteCountMax }
        return Exchange.errorByteCountMax
    }

    private var tooLong: TransportError {
        guard writer != nil, case .destination(_, _, _, let byteCountMax) = request.sink else {
            return .answerTooLong(byteCountMax: memoryByteCountMax)
        }
        return .answerTooLong(byteCountMax: Int(byteCountMax))
    }

    func receiveEnd() {
        guard !isSettled, let head else { return }
        let status = Int(head.status.code)
        if AnswerUpgrade.asksForTLS(head) { return fail(TransportError.speaksTLS(address: address)) }
        guard let writer else {
            let charset = ContentType(head.headers["content-type"])?.charset
            return succeed(ClientAnswer(status: status, charset: charset, body: body, storedByteCount: 0))
        }
        // Whatever becomes of the connection, the answer is whole; it only has to be written.
        let ended = connection
        connection = nil
        ended?.exchangeEnded(canBeReused: isRequestSent && head.isKeepAlive)
        writer.finish { result in
            switch result {
            case .failure(let failure):
                self.fail(self.error(failure))
            case .success(let byteCount):
                self.writer = nil
                self.succeed(
                    ClientAnswer(
                        status: status, body: ByteBuffer(), storedByteCount: byteCount,
                        receivedByteCount: writer.byteCount))
            }
        }
    }
}

/// When an exchange must have ended.
struct ExchangeTiming: Sendable {
    let deadline: NIODeadline
    /// What the caller allowed, for the error.
    let timeout: Duration
}
