/// An address as people write it: `127.0.0.1:8000`, `[::1]:8000`, `:8000`.
package struct HostPort: Hashable, Sendable, CustomStringConvertible {
    package let host: String
    package let port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// nil when the text is not `HOST:PORT` with a port from 0 to 65535. An empty host is the one given.
    package init?(_ text: String, defaultHost: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = Int(digits), port <= 65_535
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        // One name for one place: programs find each other by it.
        if host == "localhost" { host = "127.0.0.1" }
        self.init(host: host.isEmpty ? defaultHost : String(host), port: port)
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
