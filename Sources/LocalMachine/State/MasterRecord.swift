import Glibc

/// What a running master leaves in the state directory, one file per address, mode 0600.
package struct MasterRecord: Hashable, Sendable {
    /// Random, another at each start: tells a master that ended from one that was started again.
    package let instance: String
    /// nil when the master was started with `--no-auth`.
    package let token: String?
    package let processID: Int32

    package init(instance: String, token: String?, processID: Int32) {
        self.instance = instance
        self.token = token
        self.processID = processID
    }

    package static func random(withToken: Bool, processID: Int32) -> MasterRecord {
        MasterRecord(instance: randomHex(), token: withToken ? randomHex() : nil, processID: processID)
    }

    /// 128 bits from the system's generator.
    package static func randomHex() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in hex(generator.next()) }.joined()
    }

    private static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension MasterRecord {
    private static let header = "swift-mapreduce master 1"
    private static let byteCountMax = 4096

    private var text: String {
        "\(Self.header)\ninstance \(instance)\nprocess \(processID)\n" + (token.map { "token \($0)\n" } ?? "no-auth\n")
    }

    private init?(text: String) {
        let lines = text.split(separator: "\n")
        guard lines.count == 4, lines[0] == Self.header,
            let instance = Self.value(lines[1], "instance"),
            let process = Self.value(lines[2], "process").flatMap({ Int32($0) })
        else { return nil }
        let token = Self.value(lines[3], "token")
        guard token != nil || lines[3] == "no-auth" else { return nil }
        self.init(instance: instance, token: token, processID: process)
    }

    private static func value(_ line: Substring, _ name: String) -> String? {
        line.hasPrefix(name + " ") ? String(line.dropFirst(name.count + 1)) : nil
    }

    /// Puts the record in place whole: a reader sees the old one or this one.
    package func write(in directory: StateDirectory, host: String, port: Int) throws(LocalStateError) {
        try directory.create()
        let path = directory.recordPath(host: host, port: port)
        let draft = path + ".\(processID)"
        unlink(draft)
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .cannotWrite(path: draft, reason: reasonOfErrno()) }
        let bytes = Array(text.utf8)
        let isWritten = Glibc.write(file, bytes, bytes.count) == bytes.count
        let isWhole = close(file) == 0 && isWritten
        guard isWhole, rename(draft, path) == 0 else {
            let reason = reasonOfErrno()
            unlink(draft)
            throw .cannotWrite(path: path, reason: reason)
        }
    }

    /// nil when no master has left word for that address, or it has ended cleanly.
    package static func read(
        in directory: StateDirectory, host: String, port: Int
    ) throws(LocalStateError) -> MasterRecord? {
        let path = directory.recordPath(host: host, port: port)
        let file = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw .cannotRead(path: path, reason: reasonOfErrno())
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .cannotRead(path: path, reason: reasonOfErrno()) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .malformed(path: path) }
        guard status.st_uid == geteuid(), status.st_mode & 0o077 == 0 else { throw .openToOthers(path: path) }
        var bytes = [UInt8](repeating: 0, count: byteCountMax)
        let count = Glibc.read(file, &bytes, byteCountMax)
        guard count >= 0 else { throw .cannotRead(path: path, reason: reasonOfErrno()) }
        guard let record = MasterRecord(text: String(decoding: bytes[..<count], as: UTF8.self)) else {
            throw .malformed(path: path)
        }
        return record
    }

    /// Takes the record away, unless another master has put its own there meanwhile.
    package func remove(in directory: StateDirectory, host: String, port: Int) throws(LocalStateError) {
        guard try MasterRecord.read(in: directory, host: host, port: port)?.instance == instance else { return }
        unlink(directory.recordPath(host: host, port: port))
    }
}
