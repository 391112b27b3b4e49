import Glibc
package import Model

/// One input file's bytes, wherever they are.
package protocol InputSource: Sendable {
    /// Reads up to `buffer.count` bytes at `offset`, at least one unless the file ends there.
    /// - Returns: How many bytes were read; 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int

    /// Throws ``TaskError/inputChanged(path:reason:)`` when what was read cannot be trusted to be the planned file's.
    /// Called after the last read.
    func checkUnchanged() throws

    func close()
}

extension InputSource {
    package func checkUnchanged() throws {}
}

/// An input file on this machine.
package final class FileInputSource: InputSource {
    private let file: InputFile
    private let fileDescriptor: CInt

    package init(_ file: InputFile) throws {
        var status = stat()
        do throws(FileRefusal) {
            fileDescriptor = try openRegularFile(file.path, status: &status)
        } catch {
            throw error.isReadersFault
                ? TaskError.readerFailed(path: file.displayPath, reason: error.reason)
                : TaskError.inputMissing(path: file.displayPath, reason: error.reason)
        }
        self.file = file
        do {
            try check(status)
        } catch {
            close()
            throw error
        }
    }

    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int {
        let count = retryingInterrupted { pread(fileDescriptor, buffer.baseAddress, buffer.count, off_t(offset)) }
        guard count >= 0 else {
            throw TaskError.inputUnreadable(path: file.displayPath, reason: errorText(errno))
        }
        return count
    }

    package func checkUnchanged() throws {
        var status = stat()
        guard fstat(fileDescriptor, &status) == 0 else {
            throw TaskError.inputUnreadable(path: file.displayPath, reason: errorText(errno))
        }
        try check(status)
    }

    private func check(_ status: stat) throws {
        guard status.st_size == file.byteCount else {
            throw TaskError.inputChanged(
                path: file.displayPath, reason: "it had \(file.byteCount) bytes and now has \(status.st_size)")
        }
        let modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
        guard modified == file.modifiedNanoseconds else {
            throw TaskError.inputChanged(path: file.displayPath, reason: "its modification time is another")
        }
    }

    package func close() { Glibc.close(fileDescriptor) }
}

extension InputFile {
    /// The path as errors name it.
    var displayPath: String { ShownText.of(path) }
}
