import ApplicationAPI
import CDataPath
import Glibc

/// A file that this process makes, written from front to back. Every error names the path, and the real one.
final class OutputFile {
    let path: String
    private let isTemporary: Bool
    let fileDescriptor: CInt
    private(set) var byteCount: Int64 = 0
    private var writtenBackCount: Int64 = 0

    private static let writeBackByteCount: Int64 = 8 << 20

    /// Creates the file. A file or a symbolic link of that name is an error, never followed or overwritten.
    /// - Parameter isTemporary: Whether it is kept only while the job runs; where it lies is the worker's choice then.
    init(creating path: String, isTemporary: Bool = true) throws {
        self.path = path
        self.isTemporary = isTemporary
        fileDescriptor = openFile(Array(path.utf8), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o644)
        guard fileDescriptor >= 0 else {
            throw OutputFile.failure(path, isTemporary: isTemporary)
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

    /// Lets the disk begin with what was written, once there is enough of it, so that ``sync()`` waits for the rest only.
    func startWriteBack() {
        let count = byteCount - writtenBackCount
        guard count >= OutputFile.writeBackByteCount else { return }
        mr_start_write_back(fileDescriptor, writtenBackCount, count)
        writtenBackCount = byteCount
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

    /// The path as errors name it.
    var shownPath: String { OutputFile.shown(path) }

    private func failure() -> TaskError { OutputFile.failure(path, isTemporary: isTemporary) }

    /// The error that `errno` says.
    private static func failure(_ path: String, isTemporary: Bool) -> TaskError {
        let number = errno
        if isTemporary { return .temporaryFailed(path: shown(path), errorNumber: number) }
        let reason = errorText(number)
        return .outputFailed(path: shown(path), reason: reason)
    }

    /// A path that leads through a descriptor of this process, as in `/proc/self/fd/7/name`, means nothing to people:
    /// the folder's own path is put in its place.
    private static func shown(_ path: String) -> String {
        let descriptors = "/proc/self/fd/"
        guard path.hasPrefix(descriptors), let slash = path.lastIndex(of: "/") else { return path }
        var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(String(path[..<slash]), &target, target.count)
        guard count > 0 else { return path }
        return ShownText.of(target[..<count]) + path[slash...]
    }
}
