import Glibc
import NIOCore
import NIOPosix

/// Sends part of a file over a connection, slice after slice: with sendfile, or, where TLS must see the bytes, through
/// memory.
///
/// Belongs to one event loop. Each slice is brought into memory on the blocking pool first, so that the event loop
/// doesn't wait for a disk; slices also show whether the other side still takes anything.
final class DescriptorSender: BodySender {
    static let sliceByteCount: Int64 = 4 << 20
    /// Held twice for each transfer, plain and encrypted.
    static let memorySliceByteCount: Int64 = 256 << 10

    private let handle: NIOFileHandle
    private let descriptor: CInt
    private let isThroughMemory: Bool
    private let pool: NIOThreadPool
    private let eventLoop: any EventLoop
    private var position: Int64
    private let end: Int64
    private var write: ((IOData) -> EventLoopFuture<Void>)?
    private var completion: ((Result<Void, any Error>) -> Void)?
    private var isBusy = false

    /// - Parameters:
    ///   - descriptor: Taken over, and closed when nothing uses it any more.
    ///   - throughMemory: Slices are to be bytes and not regions of the file.
    ///   - write: Writes and flushes one slice.
    ///   - completion: Called once: everything has been sent, or something failed, or `stop` was called.
    init(
        descriptor: CInt, range: Range<Int64>, throughMemory: Bool, pool: NIOThreadPool, eventLoop: any EventLoop,
        write: @escaping (IOData) -> EventLoopFuture<Void>,
        completion: @escaping (Result<Void, any Error>) -> Void
    ) {
        self.descriptor = descriptor
        isThroughMemory = throughMemory
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
        if isThroughMemory {
            let slice = position..<position + min(DescriptorSender.memorySliceByteCount, end - position)
            pool.runIfActive(eventLoop: eventLoop) {
                IOData.byteBuffer(try DescriptorSender.read(descriptor, slice))
            }.assumeIsolated().whenComplete { self.send($0) }
        } else {
            let slice = position..<position + min(DescriptorSender.sliceByteCount, end - position)
            let region = FileRegion(
                fileHandle: handle, readerIndex: Int(slice.lowerBound), endIndex: Int(slice.upperBound))
            pool.runIfActive(eventLoop: eventLoop) {
                try DescriptorSender.prepare(descriptor, slice)
            }.assumeIsolated().whenComplete { self.send($0.map { .fileRegion(region) }) }
        }
    }

    static func read(_ descriptor: CInt, _ slice: Range<Int64>) throws -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: slice.count)
        while buffer.readableBytes < slice.count {
            let position = slice.lowerBound + Int64(buffer.readableBytes)
            let wanted = slice.count - buffer.readableBytes
            let count = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: wanted) { bytes in
                try read(descriptor, bytes.prefix(wanted), at: position)
            }
            guard count > 0 else {
                throw FileFailure(reason: "the file ends at \(position), before \(slice.upperBound)")
            }
        }
        return buffer
    }

    private static func read(
        _ descriptor: CInt, _ bytes: Slice<UnsafeMutableRawBufferPointer>, at position: Int64
    ) throws(FileFailure) -> Int {
        let bytes = UnsafeMutableRawBufferPointer(rebasing: bytes)
        while true {
            let count = pread(descriptor, bytes.baseAddress, bytes.count, Int(position))
            if count >= 0 { return count }
            guard errno == EINTR else { throw FileFailure(errno: errno, doing: "read") }
        }
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

    private func send(_ prepared: Result<IOData, any Error>) {
        isBusy = false
        let slice: IOData
        do { slice = try prepared.get() } catch { return end(.failure(error)) }
        guard let write else { return end(.failure(ChannelError.eof)) }
        isBusy = true
        position += Int64(slice.readableBytes)
        write(slice).assumeIsolated().whenComplete { result in
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
