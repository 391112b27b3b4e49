import ApplicationAPI
import Glibc

/// A file that this process makes, written from front to back. Every error names the path.
final class OutputFile {
    let path: String
    let fileDescriptor: CInt
    private(set) var byteCount: Int64 = 0

    /// Creates the file. A file or a symbolic link of that name is an error, never followed or overwritten.
    init(creating path: String) throws {
        self.path = path
        fileDescriptor = openFile(Array(path.utf8), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o644)
        guard fileDescriptor >= 0 else {
            throw TaskError.outputFailed(path: path, reason: errorText(errno))
        }
    }

    deinit { close(fileDescriptor) }

    func write(_ bytes: Bytes) throws {
        var rest = bytes
        while !rest.isEmpty {
            let count = retryingInterrupted { Glibc.write(fileDescriptor, rest.baseAddress, rest.count) }
            guard count >= 0 else { throw failure() }
            rest = Bytes(rebasing: rest[count...])
        }
        byteCount += Int64(bytes.count)
    }

    /// Waits until the file's bytes are on the disk.
    func sync() throws {
        guard retryingInterrupted({ fsync(fileDescriptor) }) == 0 else { throw failure() }
    }

    /// Removes the file's name; it can be read and written as long as it is open.
    func unlink() throws {
        guard Glibc.unlink(path) == 0 else { throw failure() }
    }

    func rename(to name: String) throws {
        guard Glibc.rename(path, name) == 0 else { throw failure() }
    }

    private func failure() -> TaskError { .outputFailed(path: path, reason: errorText(errno)) }
}
