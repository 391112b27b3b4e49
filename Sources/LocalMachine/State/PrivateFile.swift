import Glibc

/// A small file that is for its user alone: mode 0600, never a link, and in place whole or not at all.
package enum PrivateFile {
    /// - Returns: nil where nothing is.
    package static func read(_ path: String, byteCountMax: Int) throws(LocalStateError) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw .cannotRead(path: path, reason: reasonOfErrno())
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .cannotRead(path: path, reason: reasonOfErrno()) }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= byteCountMax else { throw .malformed(path: path) }
        guard status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else { throw .openToOthers(path: path) }
        var bytes = [UInt8](repeating: 0, count: byteCountMax)
        let count = Glibc.read(file, &bytes, byteCountMax)
        guard count >= 0 else { throw .cannotRead(path: path, reason: reasonOfErrno()) }
        return Array(bytes[..<count])
    }

    /// Whether other users may read it, as far as its mode says.
    package static func isOpenToOthers(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_mode & 0o044 != 0
    }

    /// Puts a file there unless there is one: of two who do, one does.
    ///
    /// - Returns: What is there now.
    package static func create(_ path: String, _ bytes: [UInt8], byteCountMax: Int) throws(LocalStateError) -> [UInt8] {
        let draft = path + ".new-\(getpid())"
        try write(draft, bytes)
        defer { unlink(draft) }
        guard link(draft, path) == 0 || errno == EEXIST else {
            throw .cannotWrite(path: path, errorNumber: errno)
        }
        return try read(path, byteCountMax: byteCountMax) ?? bytes
    }

    /// A reader sees the old file or this one.
    package static func write(_ path: String, _ bytes: [UInt8]) throws(LocalStateError) {
        let draft = path + ".\(getpid())"
        unlink(draft)
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .cannotWrite(path: draft, errorNumber: errno) }
        // What is renamed without it may be empty after a power cut.
        let isWritten = Glibc.write(file, bytes, bytes.count) == bytes.count && fsync(file) == 0
        let isWhole = close(file) == 0 && isWritten
        guard isWhole, rename(draft, path) == 0 else {
            let number = errno
            unlink(draft)
            throw .cannotWrite(path: path, errorNumber: number)
        }
    }
}
