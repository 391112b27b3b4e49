import Glibc
import LocalMachine

/// What a failed job leaves in its output folder, for people to look at after the master has ended:
///
///     _FAILED/failure.json    what became of the job, and why
///     _FAILED/logs/1-map-3-1  what attempts wrote to standard error
///
/// It is no result: a later job in that folder takes it away.
struct FailureFolder {
    /// Descriptor of the output folder, which somebody else closes.
    let output: CInt

    static let name = "_FAILED"
    static let recordName = "failure.json"
    static let logsName = "logs"

    private struct Trouble: Error {}

    /// Puts a whole one in the place of any other.
    ///
    /// - Parameters:
    ///   - record: The text of `failure.json`, written last: where it is, all is there.
    ///   - logs: By their attempts' names.
    /// - Returns: Whether it is there. What could not be written is taken away again.
    func write(record: [UInt8], logs: [(name: String, bytes: [UInt8])]) -> Bool {
        remove()
        do {
            guard mkdirat(output, Self.name, 0o700) == 0 else { return false }
            try inFolder(Self.name, of: output) { folder in
                guard mkdirat(folder, Self.logsName, 0o700) == 0 else { throw Trouble() }
                try inFolder(Self.logsName, of: folder) { for log in logs { try make(log.name, log.bytes, in: $0) } }
                try make(Self.recordName, record, in: folder)
            }
            return true
        } catch {
            remove()
            return false
        }
    }

    /// Whatever else somebody has put there stays, and so does the folder then.
    func remove() {
        // Most often it isn't there.
        try? inFolder(Self.name, of: output) { folder in
            unlinkat(folder, Self.recordName, 0)
            try? inFolder(Self.logsName, of: folder) { logs in
                for name in try FolderNames.of(logs, shown: "") { unlinkat(logs, name, 0) }
            }
            unlinkat(folder, Self.logsName, AT_REMOVEDIR)
        }
        unlinkat(output, Self.name, AT_REMOVEDIR)
    }

    private func inFolder(_ name: String, of parent: CInt, _ body: (CInt) throws -> Void) throws {
        let folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard folder >= 0 else { throw Trouble() }
        defer { close(folder) }
        try body(folder)
    }

    private func make(_ name: String, _ bytes: [UInt8], in folder: CInt) throws {
        let file = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Trouble() }
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress! + offset, $0.count - offset) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            offset += count
        }
        guard close(file) == 0, offset == bytes.count else { throw Trouble() }
    }
}
