/// The address of a server: `http://HOST[:PORT][/PATH]`, or the same with `https`.
struct XMLRPCURL: Hashable, Sendable {
    let host: String
    let port: Int
    /// With its query, if there is one.
    let path: String
    /// `https`.
    let isEncrypted: Bool

    /// HOST:PORT, for errors.
    var address: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    init(_ url: String) throws(XMLRPCClientError) {
        func bad(_ problem: String) -> XMLRPCClientError {
            XMLRPCClientError(reason: .badURL, mayHaveRun: false, description: "a server's URL \(problem)")
        }
        let scheme = url.prefix { $0 != ":" }.lowercased()
        guard ["http", "https"].contains(scheme), url.dropFirst(scheme.count).hasPrefix("://") else {
            throw bad("begins with http:// or https://")
        }
        let isEncrypted = scheme == "https"
        let rest = url.dropFirst("\(scheme)://".count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let path = rest[authority.endIndex...]
        guard !authority.contains("@") else { throw bad("has no credentials in it: the configuration has") }
        guard path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }) else {
            throw bad("has a path of printable ASCII, without a fragment")
        }
        guard let (host, port) = Self.hostAndPort(authority, usual: isEncrypted ? 443 : 80) else {
            throw bad("has a host, and perhaps a port from 1 to 65535")
        }
        self.isEncrypted = isEncrypted
        self.host = host
        self.port = port
        self.path = path.isEmpty ? "/RPC2" : path.hasPrefix("/") ? String(path) : "/" + path
    }

    private static func hostAndPort(_ authority: Substring, usual: Int) -> (String, Int)? {
        var host = authority
        var port = usual
        // The last colon stands before the port, unless it is inside the brackets of an IPv6 address.
        if let colon = authority.lastIndex(of: ":"), !authority[colon...].contains("]") {
            guard let number = Int(authority[authority.index(after: colon)...]), (1...65_535).contains(number) else {
                return nil
            }
            port = number
            host = authority[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        return (String(host), port)
    }
}
