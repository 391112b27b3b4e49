import Glibc

/// Why a file was not opened for reading.
package struct FileRefusal: Error, Hashable, Sendable {
    /// 0 when there is something of that name that is no regular file.
    package let errorNumber: CInt

    package var reason: String { errorNumber == 0 ? "it is not a regular file" : errorText(errorNumber) }

    /// Whether this process or its machine is short of something: nothing is said of the file.
    package var isReadersFault: Bool { OpenFileLimit.isShortage(errorNumber) }
}

/// Opens a regular file for reading. Anything else of that name, a FIFO say, is refused and never waited for.
///
/// - Parameter flags: More flags for `open`.
/// - Returns: A descriptor that the caller closes.
package func openRegularFile(_ path: [UInt8], _ flags: CInt = 0) throws(FileRefusal) -> CInt {
    var status = stat()
    return try openRegularFile(path, flags, status: &status)
}

/// The same, and says what the file was like when it was opened: thousands of small files feel every system call.
func openRegularFile(
    _ path: [UInt8], _ flags: CInt = 0, status: inout stat
) throws(FileRefusal) -> CInt {
    let descriptor = openFile(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | flags)
    guard descriptor >= 0 else { throw FileRefusal(errorNumber: errno) }
    let isKnown = fstat(descriptor, &status) == 0
    guard isKnown, status.st_mode & S_IFMT == S_IFREG else {
        let refusal = FileRefusal(errorNumber: isKnown ? 0 : errno)
        close(descriptor)
        throw refusal
    }
    return descriptor
}
