import Glibc
import NIOCore
import NIOPosix

/// Sends part of a file over a connection with sendfile, slice after slice.
///
/// Belongs to one event loop. Each slice is brought into memory on the blocking pool first, so that the event loop
/// doesn't wait for a disk; slices also show whether the other side still takes anything.
final class DescriptorSender {
    static let sliceByteCount: Int64 = 4 << 20

    private let handle: NIOFileHandle
    private let descriptor: CInt
    private let pool: NIOThreadPool
    private let eventLoop: any EventLoop
    private var position: Int64
    private let end: Int64
    private var write: ((FileRegion) -> EventLoopFuture<Void>)?
    private var completion: ((Result<Void, any Error>) -> Void)?
    private var isBusy = false

    /// - Parameters:
    ///   - descriptor: Taken over, and closed when nothing uses it any more.
    ///   - write: Writes and flushes one slice.
    ///   - completion: Called once: everything has been sent, or something failed, or `stop` was called.
    init(
        descriptor: CInt, range: Range<Int64>, pool: NIOThreadPool, eventLoop: any EventLoop,
        write: @escaping (FileRegion) -> EventLoopFuture<Void>,
        completion: @escaping (Result<Void, any Error>) -> Void
    ) {
        self.descriptor = descriptor
        handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: descriptor)
        position = range.lowerBound
        end = range.upperBound
        self.pool = pool
        self.eventLoop = eventLoop
        self.write = write
        self.completion = completion
    }

    func start() { sendNext() }

    /// Sends no further slice. The slice that is being sent ends with the connection.
    func stop() {
        guard write != nil else { return }
        write = nil
        if !isBusy { end(.failure(ChannelError.eof)) }
    }

    private func sendNext() {
        guard write != nil else { return end(.failure(ChannelError.eof)) }
        guard position < end else { return end(.success(())) }
        isBusy = true
        let (descriptor, position) = (descriptor, position)
        let byteCount = min(DescriptorSender.sliceByteCount, end - position)
        pool.runIfActive(eventLoop: eventLoop) {
            try DescriptorSender.prepare(descriptor, position..<position + byteCount)
        }.assumeIsolated().whenComplete { self.send($0, byteCount: byteCount) }
    }

    /// Checks that the slice exists (sendfile would wait for ever at the end of a file that has shrunk), and reads ahead.
    private static func prepare(_ descriptor: CInt, _ slice: Range<Int64>) throws {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileFailure(errno: errno, doing: "fstat") }
        guard status.st_size >= slice.upperBound else {
            throw FileFailure(reason: "the file ends at \(status.st_size), before \(slice.upperBound)")
        }
        // Only advice: a failure shows when the slice is sent.
        _ = posix_fadvise(descriptor, Int(slice.lowerBound), slice.count, POSIX_FADV_WILLNEED)
    }

    private func send(_ advised: Result<Void, any Error>, byteCount: Int64) {
        isBusy = false
        if case .failure(let error) = advised { return end(.failure(error)) }
        guard let write else { return end(.failure(ChannelError.eof)) }
        isBusy = true
        let region = FileRegion(
            fileHandle: handle, readerIndex: Int(position), endIndex: Int(position + byteCount))
        position += byteCount
        write(region).assumeIsolated().whenComplete { result in
            self.isBusy = false
            if case .failure(let error) = result { return self.end(.failure(error)) }
            self.sendNext()
        }
    }

    private func end(_ result: Result<Void, any Error>) {
        guard let completion else { return }
        self.completion = nil
        write = nil
        do {
            try handle.close()
        } catch {
            return completion(.failure(error))
        }
        completion(result)
    }
}
