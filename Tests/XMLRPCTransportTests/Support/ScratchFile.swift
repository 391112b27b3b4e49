import Glibc

/// An unlinked file of its own, closed when it is released.
final class ScratchFile: Sendable {
    let descriptor: CInt

    struct Failure: Error { let code: CInt }

    init(_ bytes: [UInt8] = []) throws {
        var template = Array("/tmp/transport-test-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw Failure(code: errno) }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        unlink(template)
        guard pwrite(descriptor, bytes, bytes.count, 0) == bytes.count else { throw Failure(code: errno) }
    }

    deinit { close(descriptor) }

    /// Another descriptor of the same file, for whoever closes what it is given.
    func duplicate() throws -> CInt {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw Failure(code: errno) }
        return copy
    }

    func contents() throws -> [UInt8] {
        let size = Int(lseek(descriptor, 0, SEEK_END))
        var bytes = [UInt8](repeating: 0, count: size)
        guard pread(descriptor, &bytes, size, 0) == size else { throw Failure(code: errno) }
        return bytes
    }
}

/// How many descriptors this process has open.
func openDescriptorCount() -> Int {
    guard let directory = opendir("/proc/self/fd") else { return -1 }
    defer { closedir(directory) }
    var count = 0
    while readdir(directory) != nil { count += 1 }
    return count
}

/// Bytes that repeat only after 251.
func patterned(_ count: Int) -> [UInt8] {
    let period = (0..<251).map { UInt8($0) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + period.count)
    while bytes.count < count { bytes += period }
    bytes.removeLast(bytes.count - count)
    return bytes
}

func openForWriting(_ path: String) throws -> CInt {
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw ScratchFile.Failure(code: errno) }
    return descriptor
}

func closeDescriptor(_ descriptor: CInt) { close(descriptor) }
