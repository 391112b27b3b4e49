import Glibc
import Synchronization

/// A file that is in place whole or not at all.
enum UploadedFile {
    private static let count = Mutex(0)

    /// - Throws: ``FunctionError/file(name:reason:)``
    static func store(_ bytes: [UInt8], name: String, folder: String) throws(FunctionError) {
        let number = count.withLock { count in
            count += 1
            return count
        }
        // No name of a function begins with a dot. One that is there is of a process that has ended.
        let draft = "\(folder)/.draft-\(getpid())-\(number)"
        unlink(draft)
        let isWritten = ExchangeProcess.filesOpen.withLock { _ in
            let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o700)
            guard file >= 0 else { return false }
            // What is renamed without being synced may be empty after a power cut.
            let isWhole = write(bytes, to: file) && fchmod(file, 0o700) == 0 && fsync(file) == 0
            let number = errno
            let isClosed = close(file) == 0
            if !isWhole { errno = number }
            return isWhole && isClosed
        }
        guard isWritten, rename(draft, "\(folder)/\(name)") == 0 else {
            let reason = String(cString: strerror(errno))
            unlink(draft)
            throw .file(name: name, reason: "cannot be stored: \(reason)")
        }
    }

    private static func write(_ bytes: [UInt8], to file: CInt) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard count >= 0 || errno == EINTR else { return false }
            rest = rest.dropFirst(max(0, count))
        }
        return true
    }
}
