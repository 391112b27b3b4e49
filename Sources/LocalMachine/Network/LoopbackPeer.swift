import CDataPath
import Glibc

/// Whose program listens at an address of this machine. Every user may listen at every port above 1023 that is free, so
/// whoever answers is not who was there yesterday.
package enum LoopbackPeer {
    /// Whether this user's own programs, and nobody else's, listen there, as far as the kernel says. Where there is no
    /// table of the kernel's at all, nobody can say.
    package static func isOwn(host: String, port: Int) -> Bool {
        // For each new connection of a short job the tables of a machine with much memory take a tenth of its time.
        if let user = listener(host: host, port: port) { return user == geteuid() }
        var tables: [String] = []
        for path in ["/proc/net/tcp", "/proc/net/tcp6"] {
            switch read(path) {
            case .success(let text): tables.append(text)
            case .failure(let error): if error.number != ENOENT { return false }
            }
        }
        return tables.isEmpty || listeners(host: host, port: port, tables: tables) == [geteuid()]
    }

    /// The user whose program a new connection would come to, where the kernel says it of one socket: not in every
    /// sandbox, and not where nobody listens.
    static func listener(host: String, port: Int) -> uid_t? {
        guard let port = UInt16(exactly: port) else { return nil }
        var user: uid_t = 0
        let host = reached(host)
        var address = in_addr()
        if inet_pton(AF_INET, host, &address) == 1 {
            return mr_user_of_listener(AF_INET, &address, port, &user) == 0 ? user : nil
        }
        var address6 = in6_addr()
        guard inet_pton(AF_INET6, host, &address6) == 1 else { return nil }
        return mr_user_of_listener(AF_INET6, &address6, port, &user) == 0 ? user : nil
    }

    /// A connection to all addresses is one to loopback.
    private static func reached(_ host: String) -> String {
        host == "0.0.0.0" ? "127.0.0.1" : host == "::" ? "::1" : host
    }

    /// Users whose programs take connections to that address: whoever listens at it comes before whoever listens at all.
    ///
    /// - Parameter tables: As /proc/net/tcp: a line of heads, then `N: LOCAL:PORT REMOTE:PORT STATE ... ... ... UID ...`.
    static func listeners(host: String, port: Int, tables: [String]) -> Set<uid_t> {
        let own = forms(of: host)
        var (exact, everywhere): (Set<uid_t>, Set<uid_t>) = ([], [])
        for line in tables.joined(separator: "\n").split(separator: "\n") {
            let fields = line.split(separator: " ", maxSplits: 8, omittingEmptySubsequences: true)
            // 0A is LISTEN.
            guard fields.count > 7, fields[3] == "0A", let colon = fields[1].lastIndex(of: ":"),
                Int(fields[1][fields[1].index(after: colon)...], radix: 16) == port, let user = uid_t(fields[7])
            else { continue }
            let address = fields[1][..<colon]
            if own.contains(String(address)) { exact.insert(user) }
            if address.allSatisfy({ $0 == "0" }) { everywhere.insert(user) }
        }
        return exact.isEmpty ? everywhere : exact
    }

    /// An address as the tables write it: words of the machine's own byte order, in hexadecimal.
    private static func forms(of host: String) -> [String] {
        var address = in_addr()
        let host = reached(host)
        if inet_pton(AF_INET, host, &address) == 1 {
            let word = hex(address.s_addr)
            // The other is how a program that speaks IPv6 has it.
            return [word, "0000000000000000" + hex(UInt32(0xFFFF).bigEndian) + word]
        }
        var address6 = in6_addr()
        guard inet_pton(AF_INET6, host, &address6) == 1 else { return [] }
        return [withUnsafeBytes(of: &address6) { $0.bindMemory(to: UInt32.self).map(hex).joined() }]
    }

    private static func hex(_ word: UInt32) -> String {
        let digits = String(word, radix: 16, uppercase: true)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    private struct ReadError: Error {
        let number: CInt
    }

    private static func read(_ path: String) -> Result<String, ReadError> {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return .failure(ReadError(number: errno)) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count == 0 { return .success(String(decoding: bytes, as: UTF8.self)) }
            guard count > 0 else { return .failure(ReadError(number: errno)) }
            bytes += buffer[..<count]
        }
    }
}
