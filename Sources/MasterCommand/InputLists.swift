import CommandSupport
import Glibc
import LocalMachine

/// Files that hold the names of input files, for more of them than a command line takes.
enum InputLists {
    /// As many names of the longest kind as a job may have of short ones.
    private static let byteCountMax = 1 << 30

    /// - Parameter lists: Names of files; `-` is standard input.
    static func names(in lists: [[UInt8]]) throws(ProgramFailure) -> [[UInt8]] {
        var names: [[UInt8]] = []
        for list in lists { names += self.names(inList: try read(list)) }
        return names
    }

    /// One name a line; where there is a NUL, one before each NUL, so that a name may hold line feeds.
    static func names(inList bytes: [UInt8]) -> [[UInt8]] {
        let end = bytes.contains(0) ? 0 : UInt8(ascii: "\n")
        return bytes.split(separator: end).map(Array.init)
    }

    private static func read(_ name: [UInt8]) throws(ProgramFailure) -> [UInt8] {
        let isStandardInput = name == [UInt8(ascii: "-")]
        let file = isStandardInput ? dup(0) : FileBytes.withPath(name) { open($0, O_RDONLY | O_CLOEXEC) }
        guard file >= 0 else { throw failure(name, errno) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(name, errno) }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            guard bytes.count <= byteCountMax else {
                throw .wrongUsage("--inputs-from '\(DisplayName.of(name))' is longer than \(byteCountMax) bytes")
            }
        }
    }

    private static func failure(_ name: [UInt8], _ reason: CInt) -> ProgramFailure {
        .wrongUsage(
            "--inputs-from '\(DisplayName.of(name))' cannot be read: \(String(cString: strerror(reason))); name a file with one input a line"
        )
    }
}
