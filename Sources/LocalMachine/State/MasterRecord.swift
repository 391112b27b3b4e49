import Glibc

/// What a running master leaves in the state directory, one file per address, mode 0600: programs of the same user find
/// there how to reach it.
package struct MasterRecord: Hashable, Sendable {
    /// Random, another at each start: tells a master that ended from one that was started again.
    package let instance: String
    /// nil when the master was started with `--no-auth`.
    package let token: String?
    package let processID: Int32
    /// Of the master's key, as text; nil without TLS.
    package let pin: String?
    /// Where others reach it: not where it listens when that is every address.
    package let address: HostPort?

    package init(instance: String, token: String?, processID: Int32, pin: String? = nil, address: HostPort? = nil) {
        self.instance = instance
        self.token = token
        self.processID = processID
        self.pin = pin
        self.address = address
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
    /// Whether the process that left it has come to its end; false while another has its number.
    package var isOfDeadProcess: Bool {
        guard kill(processID, 0) == 0 || errno != ESRCH else { return true }
        // One that nobody has waited for keeps its number: its state is behind its name, which may hold anything.
        guard let status = SmallFile.read("/proc/\(processID)/stat", byteCountMax: 1024),
            let name = status.lastIndex(of: UInt8(ascii: ")"))
        else { return false }
        let state = status[(name + 1)...].first { $0 != UInt8(ascii: " ") }
        return state == UInt8(ascii: "Z") || state == UInt8(ascii: "X")
    }

    private static let header = "swift-mapreduce master 2"
    private static let byteCountMax = 4096

    private var text: String {
        let lines = [
            Self.header, "instance \(instance)", "process \(processID)", token.map { "token \($0)" } ?? "no-auth",
            pin.map { "tls \($0)" } ?? "plain", address.map { "address \($0)" } ?? "no-address",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private init?(text: String) {
        let lines = text.split(separator: "\n")
        guard lines.count == 6, lines[0] == Self.header,
            let instance = Self.value(lines[1], "instance"),
            let process = Self.value(lines[2], "process").flatMap({ Int32($0) })
        else { return nil }
        let token = Self.value(lines[3], "token")
        let pin = Self.value(lines[4], "tls")
        let address = Self.value(lines[5], "address").flatMap { HostPort($0, defaultHost: "") }
        guard token != nil || lines[3] == "no-auth", pin != nil || lines[4] == "plain",
            address != nil || lines[5] == "no-address"
        else { return nil }
        self.init(instance: instance, token: token, processID: process, pin: pin, address: address)
    }

    private static func value(_ line: Substring, _ name: String) -> String? {
        line.hasPrefix(name + " ") ? String(line.dropFirst(name.count + 1)) : nil
    }

    /// Puts the record in place whole: a reader sees the old one or this one.
    package func write(in directory: StateDirectory, host: String, port: Int) throws(LocalStateError) {
        try directory.create()
        try PrivateFile.write(directory.recordPath(host: host, port: port), Array(text.utf8))
    }

    /// nil when no master has left word for that address, or it has ended cleanly. One that listens on every address of
    /// this machine is found by each of them.
    package static func read(
        in directory: StateDirectory, host: String, port: Int
    ) throws(LocalStateError) -> MasterRecord? {
        if let record = try read(directory.recordPath(host: host, port: port)) { return record }
        guard OwnAddresses.contains(host) else { return nil }
        for everywhere in OwnAddresses.wildcards where everywhere != host {
            if let record = try read(directory.recordPath(host: everywhere, port: port)) { return record }
        }
        return nil
    }

    private static func read(_ path: String) throws(LocalStateError) -> MasterRecord? {
        guard let bytes = try PrivateFile.read(path, byteCountMax: byteCountMax) else { return nil }
        guard let record = MasterRecord(text: String(decoding: bytes, as: UTF8.self)) else {
            throw .malformed(path: path)
        }
        return record
    }

    /// Takes the record away, unless another master has put its own there meanwhile.
    package func remove(in directory: StateDirectory, host: String, port: Int) throws(LocalStateError) {
        let path = directory.recordPath(host: host, port: port)
        guard try MasterRecord.read(path)?.instance == instance else { return }
        unlink(path)
    }
}
