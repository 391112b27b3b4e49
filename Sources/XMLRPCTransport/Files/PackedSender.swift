import Glibc
import NIOCore
import NIOPosix

/// Sends part of a file in chunks (RFC 9112, section 7.1), each of which is a piece of the file, packed or stored.
///
/// Belongs to one event loop. While one piece is sent the next is read and packed on the blocking pool, and no more than that: a
/// body takes the memory of two pieces, whatever its length.
final class PackedSender: BodySender {
    /// The first piece shows soon whether packing makes anything shorter.
    static let firstPieceByteCount: Int64 = 64 << 10
    static let pieceByteCount: Int64 = 256 << 10

    private let source: PieceSource
    private let pool: NIOThreadPool
    private let eventLoop: any EventLoop
    private let isForced: Bool
    /// What is known of the connection now.
    private let link: () -> PackingPace.Link
    private let write: (IOData) -> EventLoopFuture<Void>
    private var completion: ((Result<Void, any Error>) -> Void)?
    /// What has been learnt of the connection.
    private(set) var pace: PackingPace
    private var position: Int64
    private let end: Int64
    private var isPreparing = false
    private var isWriting = false
    private var prepared: ByteBuffer?
    private var failure: (any Error)?
    /// nil once it has been asked.
    private var begins: ((_ isShorter: Bool) -> Bool)?

    /// - Parameters:
    ///   - descriptor: Taken over, and closed when nothing uses it any more.
    ///   - range: Not empty.
    ///   - isForced: Each piece is packed, also where that gains nothing.
    ///   - write: Writes and flushes.
    ///   - completion: Called once: everything has been sent, or something failed, or `stop` was called.
    init(
        descriptor: CInt, range: Range<Int64>, packer: any BodyPacker, isForced: Bool, pace: PackingPace,
        pool: NIOThreadPool, eventLoop: any EventLoop, link: @escaping () -> PackingPace.Link,
        write: @escaping (IOData) -> EventLoopFuture<Void>, completion: @escaping (Result<Void, any Error>) -> Void
    ) {
        source = PieceSource(descriptor: descriptor, packer: packer)
        position = range.lowerBound
        end = range.upperBound
        self.isForced = isForced
        self.pace = pace
        self.pool = pool
        self.eventLoop = eventLoop
        self.link = link
        self.write = write
        self.completion = completion
    }

    /// - Parameter begins: Asked, when the first piece is packed, whether to go on. If not, the descriptor is the caller's again, and
    ///   nothing more happens here.
    func start(_ begins: @escaping (_ isShorter: Bool) -> Bool) {
        self.begins = begins
        prepare(Self.firstPieceByteCount, packs: true)
    }

    /// Sends no further piece. What is being sent ends with the connection.
    func stop() {
        guard completion != nil else { return }
        failure = ChannelError.eof
        goOn()
    }

    private func goOn() {
        guard failure == nil else { return endWhenIdle() }
        if !isWriting, let piece = prepared {
            prepared = nil
            isWriting = true
            write(.byteBuffer(piece)).assumeIsolated().whenComplete { result in
                self.isWriting = false
                if case .failure(let error) = result { self.failure = error }
                self.goOn()
            }
        }
        if failure == nil, !isPreparing, prepared == nil, position < end {
            let next = min(Self.pieceByteCount, end - position)
            prepare(next, packs: isForced || pace.wantsPacking(of: Int(next), link()))
        }
        endWhenIdle()
    }

    private func endWhenIdle() {
        guard !isPreparing, !isWriting, failure != nil || (prepared == nil && position == end) else { return }
        guard let completion else { return }
        self.completion = nil
        begins = nil
        source.close()
        completion(failure.map { .failure($0) } ?? .success(()))
    }

    private func prepare(_ byteCountMax: Int64, packs: Bool) {
        isPreparing = true
        let slice = position..<position + min(byteCountMax, end - position)
        position = slice.upperBound
        let (source, isLast, began) = (source, position == end, NIODeadline.now())
        pool.runIfActive(eventLoop: eventLoop) {
            try source.chunk(slice, packs: packs, isLast: isLast)
        }.assumeIsolated().whenComplete { result in
            self.isPreparing = false
            if self.failure != nil { return self.endWhenIdle() }
            switch result {
            case .failure(let error): self.failure = error
            case .success(let chunk):
                self.prepared = chunk
                let seconds = Double((NIODeadline.now() - began).nanoseconds) / 1e9
                // The first piece finds no memory in place, and no processor that is awake.
                let isUsual = slice.count > Int(Self.firstPieceByteCount)
                if packs { self.pace.notePacked(slice.count, to: chunk.readableBytes, in: isUsual ? seconds : nil) }
                if let begins = self.begins {
                    self.begins = nil
                    guard begins(PackingPace.isShorter(slice.count, chunk.readableBytes)) else {
                        self.completion = nil
                        return
                    }
                }
            }
            self.goOn()
        }
    }
}

/// Whatever sends a body, piece by piece.
protocol BodySender: AnyObject {
    func stop()
}

/// Makes chunks of pieces of a file.
private struct PieceSource: Sendable {
    let descriptor: CInt
    let packer: any BodyPacker

    /// Eight digits are enough for any piece.
    private static let sizeDigits = 8
    private static let sizeByteCount = sizeDigits + 2
    private static let lastChunk: StaticString = "0\r\n\r\n"

    func chunk(_ slice: Range<Int64>, packs: Bool, isLast: Bool) throws -> ByteBuffer {
        let piece = try DescriptorSender.read(descriptor, slice)
        let byteCountMax = packer.byteCountMax(forPiece: piece.readableBytes)
        var chunk = ByteBufferAllocator().buffer(
            capacity: Self.sizeByteCount + byteCountMax + 2 + Self.lastChunk.utf8CodeUnitCount)
        chunk.writeRepeatingByte(0, count: Self.sizeByteCount)
        let count = try chunk.writeWithUnsafeMutableBytes(minimumWritableBytes: byteCountMax) { output in
            try piece.withUnsafeReadableBytes { piece in
                packs ? try packer.pack(piece, into: output) : packer.store(piece, into: output)
            }
        }
        let digits = String(count, radix: 16)
        let size = String(repeating: "0", count: Self.sizeDigits - digits.utf8.count) + digits + "\r\n"
        chunk.setString(size, at: chunk.readerIndex)
        chunk.writeStaticString("\r\n")
        if isLast { chunk.writeStaticString(Self.lastChunk) }
        return chunk
    }

    func close() { Glibc.close(descriptor) }
}
