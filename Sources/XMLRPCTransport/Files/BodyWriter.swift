import NIOCore
import NIOPosix

/// Writes what a connection receives to where it belongs, in order, on the blocking pool.
///
/// Belongs to one event loop. At most one write is under way; what comes meanwhile is gathered and written next. The
/// owner stops reading from the socket while `backlogByteCount` is large.
final class BodyWriter {
    /// Above this the socket should not be read.
    static let backlogByteCountMax = 2 << 20

    private(set) var backlogByteCount = 0
    /// Of what was appended.
    private(set) var byteCount: Int64 = 0
    private(set) var failure: FileFailure?
    /// Called whenever a write has ended, after the counts above have changed.
    var onProgress: () -> Void = {}

    private let destination: any BodyDestination
    private let pool: NIOThreadPool
    private let eventLoop: any EventLoop
    private let begin: Int64
    private var offset: Int64
    private let unpacking: Unpacking?
    private var gathered: [ByteBuffer] = []
    private var isWriting = false
    private var completion: ((Result<Int64, FileFailure>) -> Void)?

    /// What comes is packed.
    struct Unpacking: Sendable {
        let unpacker: any BodyUnpacker
        /// Of what comes out of it.
        let byteCountMax: Int64
    }

    /// - Parameter unpacking: nil: what is appended is written as it is.
    init(
        destination: any BodyDestination, offset: Int64, unpacking: Unpacking? = nil, pool: NIOThreadPool,
        eventLoop: any EventLoop
    ) {
        self.destination = destination
        begin = offset
        self.offset = offset
        self.unpacking = unpacking
        self.pool = pool
        self.eventLoop = eventLoop
    }

    func append(_ buffer: ByteBuffer) {
        precondition(completion == nil, "nothing can be appended after the end")
        guard failure == nil, buffer.readableBytes > 0 else { return }
        gathered.append(buffer)
        backlogByteCount += buffer.readableBytes
        byteCount += Int64(buffer.readableBytes)
        writeNext()
    }

    /// Calls `completion` once, when nothing writes to the destination any more: everything appended has been written,
    /// or a write has failed. It is told how many bytes were written.
    func finish(_ completion: @escaping (Result<Int64, FileFailure>) -> Void) {
        precondition(self.completion == nil, "a writer ends once")
        self.completion = completion
        completeIfIdle()
    }

    /// Like `finish`, but drops what isn't being written yet.
    func abandon(_ completion: @escaping () -> Void) {
        gathered = []
        backlogByteCount = 0
        onProgress = {}
        self.completion = { _ in completion() }
        completeIfIdle()
    }

    private func writeNext() {
        guard !isWriting, !gathered.isEmpty else { return }
        isWriting = true
        let buffers = gathered
        let (destination, offset, unpacking) = (destination, offset, unpacking)
        let room = unpacking.map { $0.byteCountMax - (offset - begin) } ?? 0
        let batchByteCount = buffers.reduce(0) { $0 + $1.readableBytes }
        gathered = []
        pool.runIfActive(eventLoop: eventLoop) {
            guard let unpacking else { return try BodyWriter.write(buffers, to: destination, at: offset) }
            return try unpacking.write(buffers, to: destination, at: offset, room: room)
        }.assumeIsolated().whenComplete { self.wrote(batchByteCount, $0) }
    }

    private func wrote(_ batchByteCount: Int, _ result: Result<Int64, any Error>) {
        isWriting = false
        backlogByteCount = max(0, backlogByteCount - batchByteCount)
        switch result {
        case .success(let writtenByteCount): offset += writtenByteCount
        case .failure(let error):
            failure = FileFailure(of: error)
            gathered = []
            backlogByteCount = 0
        }
        writeNext()
        onProgress()
        completeIfIdle()
    }

    private func completeIfIdle() {
        guard !isWriting, gathered.isEmpty, let completion else { return }
        self.completion = nil
        onProgress = {}
        if failure == nil { failure = unpacking?.endFailure }
        completion(failure.map { .failure($0) } ?? .success(offset - begin))
    }

    /// - Returns: How many bytes were written.
    private static func write(
        _ buffers: [ByteBuffer], to destination: any BodyDestination, at start: Int64
    ) throws -> Int64 {
        var offset = start
        for buffer in buffers {
            try buffer.withUnsafeReadableBytes { try destination.write($0, at: offset) }
            offset += Int64(buffer.readableBytes)
        }
        return offset - start
    }
}

extension BodyWriter.Unpacking {
    /// - Parameter room: How many bytes may still come out.
    /// - Returns: How many bytes were written.
    fileprivate func write(
        _ buffers: [ByteBuffer], to destination: any BodyDestination, at start: Int64, room: Int64
    ) throws -> Int64 {
        var offset = start
        do {
            for buffer in buffers {
                try buffer.withUnsafeReadableBytes { packed in
                    try unpacker.append(packed) { bytes in
                        guard offset - start + Int64(bytes.count) <= room else {
                            throw FileFailure(reason: "more than \(byteCountMax) bytes are packed", fault: .tooLong)
                        }
                        try destination.write(bytes, at: offset)
                        offset += Int64(bytes.count)
                    }
                }
            }
        } catch let damage as BodyDamage {
            throw FileFailure(reason: "\(damage)", fault: .damaged)
        }
        return offset - start
    }

    /// nil when what came was whole.
    fileprivate var endFailure: FileFailure? {
        do {
            try unpacker.finish()
            return nil
        } catch {
            return FileFailure(reason: "\(error)", fault: .damaged)
        }
    }
}
