import Glibc

/// Files by their names as bytes.
enum Files {
    struct Failure: Error, CustomStringConvertible {
        let description: String

        init(_ path: [UInt8]) {
            description = "\(String(decoding: path, as: UTF8.self)): \(String(cString: strerror(errno)))"
        }
    }

    static func read(_ path: String) throws -> [UInt8] { try read(Array(path.utf8)) }

    static func read(_ path: [UInt8]) throws -> [UInt8] {
        let file = open(text(path), O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Failure(path) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw Failure(path) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            guard count >= 0 else { throw Failure(path) }
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
        }
    }

    static func write(_ bytes: [UInt8], to path: [UInt8], extraFlags: Int32 = O_TRUNC) throws {
        let file = open(text(path), O_WRONLY | O_CREAT | O_CLOEXEC | extraFlags, 0o644)
        guard file >= 0 else { throw Failure(path) }
        defer { close(file) }
        guard Glibc.write(file, bytes, bytes.count) == bytes.count else { throw Failure(path) }
    }

    static func write(_ string: String, to path: String) throws { try write(Array(string.utf8), to: Array(path.utf8)) }

    static func append(_ string: String, to path: String) throws {
        try write(Array(string.utf8), to: Array(path.utf8), extraFlags: O_APPEND)
    }

    static func makeFolder(_ path: String) throws {
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw Failure(Array(path.utf8)) }
    }

    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// Names in a folder, in no order; none when it isn't there.
    static func names(in path: String) -> [[UInt8]] {
        guard let stream = opendir(path) else { return [] }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in Array(raw.prefix { $0 != 0 }) }
            if name != [0x2e], name != [0x2e, 0x2e] { names.append(name) }
        }
        return names
    }

    static func texts(in path: String) -> [String] {
        names(in: path).map { String(decoding: $0, as: UTF8.self) }.sorted()
    }

    /// Removes a folder with all that is in it, never following a link.
    static func removeTree(_ path: [UInt8]) {
        var status = stat()
        guard lstat(text(path), &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            unlink(text(path))
            return
        }
        if let stream = opendir(text(path)) {
            var names: [[UInt8]] = []
            while let entry = readdir(stream) {
                names.append(withUnsafeBytes(of: &entry.pointee.d_name) { raw in Array(raw.prefix { $0 != 0 }) })
            }
            closedir(stream)
            for name in names where name != [0x2e] && name != [0x2e, 0x2e] { removeTree(path + [0x2f] + name) }
        }
        rmdir(text(path))
    }

    private static func text(_ path: [UInt8]) -> [CChar] { path.map { CChar(bitPattern: $0) } + [0] }
}
