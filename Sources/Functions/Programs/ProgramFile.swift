import Glibc

/// What runs a file: itself, or the program for its suffix.
struct ProgramFile {
    /// The program and its first arguments.
    let words: [[UInt8]]

    /// Programs for files without a `#!` line, by what their names end in.
    private static let interpreters = [
        ("py", "python3"), ("sh", "sh"), ("bash", "bash"), ("pl", "perl"), ("rb", "ruby"), ("js", "node"),
        ("lua", "lua"), ("awk", "awk"),
    ]

    /// - Throws: ``FunctionError/file(name:reason:)``: a shell would take a file that is neither for a script of its own.
    init(path: String, settings: ProgramSettings) throws(FunctionError) {
        let start = try Self.start(of: path)
        let pathBytes = Array(path.utf8)
        if start.starts(with: "#!".utf8) || start == [0x7F, 0x45, 0x4C, 0x46] {
            guard access(path, X_OK) == 0 else {
                throw .file(name: path, reason: "may not be run: \(String(cString: strerror(errno))); see chmod +x")
            }
            words = [pathBytes]
            return
        }
        let suffix = path.split(separator: "/").last?.split(separator: ".", omittingEmptySubsequences: false).last ?? ""
        guard let interpreter = Self.interpreters.first(where: { $0.0 == suffix.lowercased() }) else {
            throw .file(
                name: path,
                reason: "is no program: it begins with neither '#!' nor ELF, and its name does not end in one of "
                    + Self.interpreters.map { ".\($0.0)" }.joined(separator: ", "))
        }
        let program = interpreter.0 == "py" ? settings.python : interpreter.1
        words = [Array(program.utf8)] + (interpreter.0 == "awk" ? [Array("-f".utf8)] : []) + [pathBytes]
    }

    /// Up to four bytes.
    private static func start(of path: String) throws(FunctionError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        guard file >= 0 else { throw .file(name: path, reason: "cannot be read: \(String(cString: strerror(errno)))") }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .file(name: path, reason: "is no regular file")
        }
        var bytes = [UInt8](repeating: 0, count: 4)
        let count = read(file, &bytes, bytes.count)
        guard count >= 0 else { throw .file(name: path, reason: "cannot be read: \(String(cString: strerror(errno)))") }
        return Array(bytes[..<count])
    }
}
