import Compression
import Glibc
import LocalMachine
import Model

/// A file that is written from front to back, and gets its name when it is complete.
final class MergedFile {
    private let path: [UInt8]
    private let file: CInt
    private let compressor: Compressor?
    private var buffer: [UInt8] = []
    private(set) var byteCount: Int64 = 0

    private static let bufferByteCount = 1 << 20

    /// - Parameter compression: nil for a file as it is.
    init(_ path: [UInt8], _ compression: OutputCompression? = nil) throws(MergeError) {
        self.path = path
        do throws(CompressionError) {
            compressor = try compression.map { compression throws(CompressionError) in try Compressor(compression) }
        } catch {
            throw .unwritable(path: DisplayName.of(path), reason: "\(error)")
        }
        file = FileBytes.withPath(path) { open($0, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o644) }
        guard file >= 0 else { throw failure() }
        buffer.reserveCapacity(Self.bufferByteCount)
    }

    deinit {
        if file >= 0 { close(file) }
    }

    func append(_ line: UnsafeRawBufferPointer) throws(MergeError) {
        if buffer.count + line.count > Self.bufferByteCount { try flush() }
        guard line.count < Self.bufferByteCount else { return try write(line) }
        buffer.append(contentsOf: line)
    }

    /// Where a part's last line has no LF.
    func endLine() throws(MergeError) {
        if buffer.count == Self.bufferByteCount { try flush() }
        buffer.append(UInt8(ascii: "\n"))
    }

    func finish(as target: [UInt8]) throws(MergeError) {
        try flush()
        if let compressor { try packing { take in try compressor.finish(to: take) } }
        guard fsync(file) == 0 else { throw failure() }
        let status = FileBytes.withPath(path) { draft in FileBytes.withPath(target) { rename(draft, $0) } }
        guard status == 0 else { throw failure() }
    }

    private func flush() throws(MergeError) {
        let problem = buffer.withUnsafeBytes { bytes -> MergeError? in
            do throws(MergeError) {
                try write(bytes)
                return nil
            } catch {
                return error
            }
        }
        if let problem { throw problem }
        buffer.removeAll(keepingCapacity: true)
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws(MergeError) {
        guard let compressor else { return try put(bytes) }
        try packing { take in try compressor.write(bytes, to: take) }
    }

    private func packing(_ body: (Compressor.Take) throws -> Void) throws(MergeError) {
        do {
            try body { try put($0) }
        } catch let error as MergeError {
            throw error
        } catch {
            throw .unwritable(path: DisplayName.of(path), reason: "\(error)")
        }
    }

    private func put(_ bytes: UnsafeRawBufferPointer) throws(MergeError) {
        var rest = bytes
        while !rest.isEmpty {
            let count = Glibc.write(file, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure() }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
        byteCount += Int64(bytes.count)
    }

    private func failure() -> MergeError {
        .unwritable(path: DisplayName.of(path), reason: String(cString: strerror(errno)))
    }
}
