import Glibc

/// Whose program listens at a loopback address. There every user of the machine may listen at every port above 1023 that is
/// free, so whoever answers is not who was there yesterday.
package enum LoopbackPeer {
    /// The users whose programs listen at that port; nil where the kernel does not say.
    static func listeners(port: Int) -> Set<uid_t>? {
        var users: Set<uid_t> = []
        var isKnown = false
        for path in ["/proc/net/tcp", "/proc/net/tcp6"] {
            guard let text = read(path) else { continue }
            isKnown = true
            users.formUnion(listeners(port: port, table: text))
        }
        return isKnown ? users : nil
    }

    /// Whether this user's own programs, and nobody else's, listen at that port, as far as the kernel says.
    package static func isOwn(port: Int) -> Bool {
        guard let users = listeners(port: port) else { return true }
        return users == [geteuid()]
    }

    /// - Parameter table: As /proc/net/tcp: a line of heads, then `N: LOCAL:PORT REMOTE:PORT STATE ... ... ... UID ...`.
    static func listeners(port: Int, table: String) -> Set<uid_t> {
        var users: Set<uid_t> = []
        for line in table.split(separator: "\n").dropFirst() {
            let fields = line.split(separator: " ", maxSplits: 8, omittingEmptySubsequences: true)
            // 0A is LISTEN.
            guard fields.count > 7, fields[3] == "0A", let colon = fields[1].lastIndex(of: ":"),
                Int(fields[1][fields[1].index(after: colon)...], radix: 16) == port, let user = uid_t(fields[7])
            else { continue }
            users.insert(user)
        }
        return users
    }

    private static func read(_ path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            guard count > 0 else { return count == 0 ? String(decoding: bytes, as: UTF8.self) : nil }
            bytes += buffer[..<count]
        }
    }
}
