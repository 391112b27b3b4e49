import Glibc
import LocalMachine

/// A file that is written from front to back, and gets its name when it is complete.
final class MergedFile {
    private let path: [UInt8]
    private let file: CInt
    private var buffer: [UInt8] = []
    private(set) var byteCount: Int64 = 0

    private static let bufferByteCount = 1 << 20

    init(_ path: [UInt8]) throws(MergeError) {
        self.path = path
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
