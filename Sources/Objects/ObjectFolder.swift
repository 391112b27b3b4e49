import Glibc
import Synchronization

/// The folder of a store's files, which nobody else writes in. Files are named by a counter, never by what peers send.
final class ObjectFolder: Sendable {
    let path: String
    private let descriptor: CInt
    private let lastNumber = Atomic<UInt64>(0)

    init(path: String) throws(ObjectStoreError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .disk(folder: path, action: "open", reason: String(cString: strerror(errno)))
        }
    }

    deinit { close(descriptor) }

    /// A new empty file, mode 0600, open for writing.
    func makeFile() throws(ObjectStoreError) -> ObjectFileWriter {
        let number = lastNumber.add(1, ordering: .relaxed).newValue
        let file = openat(descriptor, Self.name(number), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("make", byteCount: 0) }
        return ObjectFileWriter(ObjectFile(number: number, folder: self), descriptor: file)
    }

    /// A file that holds those bytes.
    func write(_ bytes: [UInt8]) throws(ObjectStoreError) -> ObjectFile {
        let writer = try makeFile()
        try bytes.withUnsafeBufferPointer { bytes throws(ObjectStoreError) in
            try writer.write(UnsafeRawBufferPointer(bytes), at: 0)
        }
        return try writer.finish()
    }

    fileprivate func openFile(_ number: UInt64) throws(ObjectStoreError) -> CInt {
        let file = openat(descriptor, Self.name(number), O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else { throw failure("open", byteCount: 0) }
        return file
    }

    /// What can't be unlinked goes with the folder.
    fileprivate func remove(_ number: UInt64) { unlinkat(descriptor, Self.name(number), 0) }

    fileprivate func failure(_ action: String, byteCount: Int) -> ObjectStoreError {
        switch errno {
        case ENOSPC, EDQUOT, EFBIG: .diskFull(folder: path, byteCount: byteCount)
        case EMFILE, ENFILE: .noDescriptors(folder: path, action: action)
        default: .disk(folder: path, action: action, reason: String(cString: strerror(errno)))
        }
    }

    private static func name(_ number: UInt64) -> String { "object-\(number)" }
}

/// A file of a store. It is unlinked when nobody refers to this any more: the table does as long as the key holds it, and whoever
/// is about to open it.
final class ObjectFile: Sendable {
    private let number: UInt64
    fileprivate let folder: ObjectFolder

    fileprivate init(number: UInt64, folder: ObjectFolder) {
        self.number = number
        self.folder = folder
    }

    deinit { folder.remove(number) }

    func open() throws(ObjectStoreError) -> OpenObjectFile {
        OpenObjectFile(descriptor: try folder.openFile(number))
    }
}

/// A file that is being written, by one thread at a time.
final class ObjectFileWriter: Sendable {
    private let file: ObjectFile
    private let descriptor: Mutex<CInt?>

    fileprivate init(_ file: ObjectFile, descriptor: CInt) {
        self.file = file
        self.descriptor = Mutex(descriptor)
    }

    deinit { descriptor.withLock { if let open = $0 { close(open) } } }

    /// What failed may have written some of it: the same can be tried again.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(ObjectStoreError) {
        guard let open = descriptor.withLock({ $0 }) else { preconditionFailure("a file was finished before") }
        var done = 0
        while done < bytes.count {
            let count = pwrite(open, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw file.folder.failure("write", byteCount: bytes.count) }
            done += count
        }
    }

    func finish() throws(ObjectStoreError) -> ObjectFile {
        let open = descriptor.withLock { descriptor in
            defer { descriptor = nil }
            return descriptor
        }
        guard let open else { preconditionFailure("a file was finished before") }
        // A file of a network may learn only now that there was no room.
        guard close(open) == 0 else { throw file.folder.failure("close", byteCount: 0) }
        return file
    }
}

/// A file that is open for reading: there as long as this is, whatever becomes of its key.
package final class OpenObjectFile: Sendable {
    /// For `pread`, `sendfile` and the like; its position is nobody's.
    package let descriptor: CInt

    fileprivate init(descriptor: CInt) { self.descriptor = descriptor }

    deinit { close(descriptor) }
}
