import NIOCore

/// Sends bytes that are in memory over a connection, slice after slice, so that no more than a slice of them is there twice.
///
/// Belongs to one event loop.
final class MemorySender: BodySender {
    /// Stays in a processor's cache between being copied and being sent.
    static let sliceByteCount = 256 << 10

    private let bytes: [UInt8]
    private let eventLoop: any EventLoop
    private var position: Int
    private let end: Int
    private var slice = ByteBuffer()
    private var write: ((IOData) -> EventLoopFuture<Void>)?
    private var completion: ((Result<Void, any Error>) -> Void)?
    private var isBusy = false

    /// - Parameters:
    ///   - range: Of the bytes.
    ///   - write: Writes and flushes one slice.
    ///   - completion: Called once: everything has been sent, or something failed, or `stop` was called.
    init(
        _ bytes: [UInt8], _ range: Range<Int>, eventLoop: any EventLoop,
        write: @escaping (IOData) -> EventLoopFuture<Void>, completion: @escaping (Result<Void, any Error>) -> Void
    ) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
        self.eventLoop = eventLoop
        self.write = write
        self.completion = completion
    }

    func start() { sendNext() }

    /// Sends no further slice. The slice that is being sent ends with the connection.
    func stop() {
        guard write != nil else { return }
        write = nil
        if !isBusy { finish(.failure(ChannelError.eof)) }
    }

    private func sendNext() {
        guard let write else { return finish(.failure(ChannelError.eof)) }
        guard position < end else { return finish(.success(())) }
        isBusy = true
        let next = min(position + Self.sliceByteCount, end)
        // The same memory again, as the slice before has gone.
        slice.clear(minimumCapacity: next - position)
        slice.writeBytes(bytes[position..<next])
        position = next
        write(.byteBuffer(slice)).assumeIsolated().whenComplete { result in
            // In a turn of its own: others have theirs between two slices, and no slice stands on the stack of another.
            self.eventLoop.assumeIsolated().execute {
                self.isBusy = false
                if case .failure(let error) = result { return self.finish(.failure(error)) }
                self.sendNext()
            }
        }
    }

    private func finish(_ result: Result<Void, any Error>) {
        guard let completion else { return }
        self.completion = nil
        write = nil
        completion(result)
    }
}
