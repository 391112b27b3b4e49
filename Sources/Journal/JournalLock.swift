import CDataPath
import Glibc

/// The file beside a journal that keeps other masters out, and remembers how much was acknowledged.
///
///     bytes  0..<8    "mr-mark1"
///     bytes  8..<16   the highest acknowledged sequence number, little-endian
///     bytes 16..<20   CRC-32C of the bytes before
///
/// **Lock.** `flock` on a file that SQLite does not know: closing any descriptor of a file drops all POSIX locks that the
/// process has on it, so a lock on the database itself would undo SQLite's own. The kernel lets go of it with its process,
/// however that ends. On a network file system it is as good as `flock` is there.
///
/// **Mark.** SQLite can't tell a write-ahead log that lost its end after it was synced from one whose last transaction was
/// being written when the machine stopped: both end at a frame that is not whole, and it ignores what follows. The second is
/// right and common, the first loses what was acknowledged. So each acknowledged sequence number is noted here, after its
/// sync and without one of its own, and a journal that ends before its mark is damaged.
///
/// What that tells apart:
/// - While the machine runs, memory is what counts, and the mark is exact: any cut, flip or deletion that reaches an
///   acknowledged batch is seen, and a batch that never was acknowledged may be gone.
/// - After a power cut the mark may be older (by the 30 s or so until the kernel writes it back), never newer. Between it and
///   the journal's end, a batch that was acknowledged, reached the disk and was *then* damaged there looks like one that was
///   never whole. A mark with a sync of its own would show that too, at twice the price of each append.
final class JournalLock: Sendable {
    private let path: String
    private let descriptor: CInt

    private static let magic = Array("mr-mark1".utf8)
    private static let byteCount = 20
    /// Another master may delete the file between its opening and its lock here; each try follows a whole life of one.
    private static let triesMax = 100

    private init(path: String, descriptor: CInt) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    static func take(_ files: JournalFiles) throws(JournalError) -> JournalLock {
        for _ in 0..<triesMax {
            let descriptor = open(files.lock, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else {
                if errno == ENOSPC { throw .full(path: files.database) }
                throw .failed(path: files.database, reason: "its lock file '\(files.lock)': \(errorText(errno))")
            }
            // Closes the descriptor when it is dropped.
            let lock = JournalLock(path: files.lock, descriptor: descriptor)
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                if errno == EWOULDBLOCK { throw .inUse(path: files.database) }
                throw .failed(path: files.database, reason: "cannot lock '\(files.lock)': \(errorText(errno))")
            }
            guard lock.isRegularFile else { throw .foreign(path: files.lock) }
            if lock.isStillThere { return lock }
        }
        throw .inUse(path: files.database)
    }

    private var isRegularFile: Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// Whether the file that is locked is the one that others would find.
    private var isStillThere: Bool {
        var own = stat()
        var named = stat()
        return fstat(descriptor, &own) == 0 && lstat(path, &named) == 0
            && own.st_ino == named.st_ino && own.st_dev == named.st_dev
    }

    /// Only with the lock held, and last of all the journal's files.
    func removeFile() { unlink(path) }

    /// May be called more than once.
    func release() { flock(descriptor, LOCK_UN) }
}

extension JournalLock {
    /// The highest sequence number that is known to have been acknowledged; nil when nothing is noted.
    func acknowledgedSequence(_ files: JournalFiles) throws(JournalError) -> Int64? {
        var bytes = [UInt8](repeating: 0, count: Self.byteCount + 1)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count >= 0 else { throw .failed(path: files.database, reason: "reading '\(path)': \(errorText(errno))") }
        // Empty when it was just made; zeros where a file system gave it room before a power cut and wrote nothing there.
        if bytes[..<count].allSatisfy({ $0 == 0 }) { return nil }
        guard bytes.starts(with: Self.magic) else { throw .foreign(path: path) }
        let sequence = Int64(
            littleEndian: bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 8, as: Int64.self) })
        guard count == Self.byteCount, Array(bytes[..<count]) == Self.bytes(marking: sequence) else {
            throw .damaged(path: files.database, detail: "'\(path)', which says what was acknowledged, is not whole")
        }
        return sequence
    }

    /// Notes that everything up to `sequence` was acknowledged.
    /// - Returns: Whether that could be written. When not, the mark still says something true, and less.
    @discardableResult
    func note(acknowledged sequence: Int64) -> Bool {
        let bytes = Self.bytes(marking: sequence)
        return pwrite(descriptor, bytes, bytes.count, 0) == bytes.count
    }

    private static func bytes(marking sequence: Int64) -> [UInt8] {
        var bytes = magic
        withUnsafeBytes(of: sequence.littleEndian) { bytes.append(contentsOf: $0) }
        let checksum = mr_crc32c(0, bytes, bytes.count)
        withUnsafeBytes(of: checksum.littleEndian) { bytes.append(contentsOf: $0) }
        return bytes
    }
}
