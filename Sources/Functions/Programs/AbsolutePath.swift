import Glibc

/// Files by paths that mean the same wherever a program runs, and that no shell looks for in PATH.
enum AbsolutePath {
    /// A path of this process's working folder with that folder before it.
    static func of(_ path: String) -> String {
        guard path.utf8.first != UInt8(ascii: "/"), let folder = getcwd(nil, 0) else { return path }
        defer { free(folder) }
        return "\(String(cString: folder))/\(path)"
    }
}
