import Glibc

/// What a program finds around itself.
package enum ProgramEnvironment {
    package static var all: [String: String] {
        var variables: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            if let equals = text.firstIndex(of: "=") {
                variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
            }
            next += 1
        }
        return variables
    }

    package static var temporaryFolder: String {
        guard let folder = all["TMPDIR"], !folder.isEmpty else { return "/tmp" }
        return folder
    }

    /// Absolute path of the folder that holds the running program.
    package static var folderOfProgram: String {
        guard let path = pathOfProgram else { return "." }
        return path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    }

    /// Absolute path of the running program; nil where it may not be known.
    package static var pathOfProgram: String? {
        guard let path = realpath("/proc/self/exe", nil) else { return nil }
        defer { free(path) }
        return String(cString: path)
    }

    /// The folder that the program was started in; nil when it is gone, or may not be known.
    package static var currentFolder: [UInt8]? {
        guard let path = getcwd(nil, 0) else { return nil }
        defer { free(path) }
        return Array(UnsafeRawBufferPointer(start: path, count: strlen(path)))
    }

    /// The name that the program was started by, without its folder.
    package static var programName: String {
        let path = CommandLine.arguments.first ?? "mr"
        return path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }

    package static var coreCount: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}

package enum StandardOutput {
    package static func write(_ text: String) {
        // Whoever reads it may have seen enough; what the program does is done all the same.
        _ = write(Array(text.utf8))
    }

    /// Writes what a program was asked for. A reader that has seen enough is no failure; a full disk is one.
    package static func deliver(_ bytes: [UInt8]) throws(ProgramFailure) {
        guard !write(bytes), errno != EPIPE else { return }
        throw .jobFailed("standard output could not be written: \(String(cString: strerror(errno)))")
    }

    package static func deliver(_ text: String) throws(ProgramFailure) { try deliver(Array(text.utf8)) }

    /// - Returns: Whether all of it was written; if not, `errno` says why.
    package static func write(_ bytes: [UInt8]) -> Bool {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(1, $0.baseAddress! + offset, bytes.count - offset) }
            guard count > 0 || errno == EINTR else { return false }
            offset += max(0, count)
        }
        return true
    }
}
