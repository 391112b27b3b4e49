import CommandSupport
import Glibc
import LocalMachine
import Synchronization

/// Standard input as one of a job's files.
///
/// What comes through a pipe is kept in a file without a name, which is there as long as this process runs and no longer, however
/// it ends. Other processes here find it below `/proc`; those that may not look there, and other machines, get it from the master.
enum SpooledInput {
    /// As it stands on the command line.
    static let name: [UInt8] = [UInt8(ascii: "-")]

    private static let chunkByteCount = 1 << 20

    /// Once it was read.
    private static let known = Mutex<[UInt8]?>(nil)

    /// Reads standard input to its end, when first asked; a file that was redirected is taken as it is.
    /// - Returns: The file's path.
    static func path() throws(ProgramFailure) -> [UInt8] {
        if let path = known.withLock({ $0 }) { return path }
        let path = try read()
        known.withLock { $0 = path }
        return path
    }

    private static func read() throws(ProgramFailure) -> [UInt8] {
        var status = stat()
        guard fstat(0, &status) == 0 else {
            throw .wrongUsage(
                "input '-' cannot be read: \(reason(errno)); give this program standard input, or name a file")
        }
        let isWholeFile = status.st_mode & S_IFMT == S_IFREG && lseek(0, 0, SEEK_CUR) == 0
        // Never closed: it is the job's as long as this process runs.
        let file = isWholeFile ? fcntl(0, F_DUPFD_CLOEXEC, 3) : try keep(in: ProgramEnvironment.temporaryFolder)
        guard file >= 0 else { throw .wrongUsage("input '-' cannot be read: \(reason(errno)); name a file") }
        return Array("/proc/\(getpid())/fd/\(file)".utf8)
    }

    private static func keep(in folder: String) throws(ProgramFailure) -> CInt {
        let file = try makeFile(in: folder)
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: chunkByteCount, alignment: 4096)
        defer { chunk.deallocate() }
        while true {
            let count = Glibc.read(0, chunk.baseAddress, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw .wrongUsage("input '-' cannot be read: \(reason(errno)); name a file in its place")
            }
            if count == 0 { return file }
            var rest = UnsafeRawBufferPointer(rebasing: chunk[..<count])
            while !rest.isEmpty {
                let written = write(file, rest.baseAddress, rest.count)
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { throw cannotKeep(in: folder, errno) }
                rest = UnsafeRawBufferPointer(rebasing: rest[written...])
            }
        }
    }

    private static func makeFile(in folder: String) throws(ProgramFailure) -> CInt {
        var template = Array("\(folder)/mr-input-XXXXXX".utf8CString)
        let file = mkstemp(&template)
        guard file >= 0, fcntl(file, F_SETFD, FD_CLOEXEC) == 0 else { throw cannotKeep(in: folder, errno) }
        unlink(template)
        return file
    }

    private static func cannotKeep(in folder: String, _ number: CInt) -> ProgramFailure {
        .wrongUsage(
            "input '-' cannot be kept in '\(folder)': \(reason(number)); make room there, or name another folder with the variable TMPDIR"
        )
    }

    private static func reason(_ number: CInt) -> String { String(cString: strerror(number)) }
}
