import Glibc
import LocalMachine

/// Files of a case: small ones, in a folder that nobody else uses.
enum TrialFiles {
    /// nil when there is none.
    static func read(_ path: String) -> [UInt8]? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return SmallFile.read(path, byteCountMax: Int(status.st_size))
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    static func write(_ bytes: [UInt8], to path: String) throws(StageError) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure(path) }
        defer { close(file) }
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress! + offset, bytes.count - offset) }
            guard count > 0 || errno == EINTR else { throw failure(path) }
            offset += max(0, count)
        }
    }

    static func makeFolder(_ path: String) throws(StageError) {
        guard mkdir(path, 0o700) == 0 else { throw failure(path) }
    }

    private static func failure(_ path: String) -> StageError {
        StageError("'\(path)' can't be written: \(String(cString: strerror(errno))); $TMPDIR names another place")
    }
}
