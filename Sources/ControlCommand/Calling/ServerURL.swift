import CommandSupport
import LocalMachine

/// Where a server takes calls: `http://user:password@host:port/path`, or the same with https.
struct ServerURL: Equatable {
    let address: HostPort
    /// https.
    let encrypts: Bool
    /// With its query; percent signs and all as they were typed.
    let path: String
    /// The user and password of Basic, decoded.
    let credentials: String?

    /// - Throws: Wrong usage.
    init(_ text: String) throws(ProgramFailure) {
        let shown = DisplayName.of(RawArguments.bytes(of: text))
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else {
            throw .wrongUsage("'\(shown)' is not a URL; write it like http://127.0.0.1:8080/RPC2")
        }
        let scheme = text[..<colon].lowercased()
        guard scheme == "http" || scheme == "https" else {
            throw .wrongUsage("'\(shown)' is neither an http nor an https URL")
        }
        encrypts = scheme == "https"
        let rest = text[text.index(colon, offsetBy: 3)...]
        let authorityEnd = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
        let authority = rest[..<authorityEnd]
        let at = authority.lastIndex(of: "@")
        let place = at.map { authority[authority.index(after: $0)...] } ?? authority
        guard let address = Self.address(place, portDefault: encrypts ? 443 : 80) else {
            // Not shown: it may hold a password.
            throw .wrongUsage("the URL has no HOST or HOST:PORT; write it like http://127.0.0.1:8080/RPC2")
        }
        self.address = address
        let named = rest[authorityEnd...].prefix { $0 != "#" }
        path = named.hasPrefix("/") ? String(named) : "/" + named
        // Of bytes that no request line can hold none may come in by this way.
        guard path.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .wrongUsage("the URL's path has characters that must be percent-encoded")
        }
        guard let at else {
            credentials = nil
            return
        }
        guard let decoded = Self.percentDecoded(authority[..<at]) else {
            throw .wrongUsage("the user or password in the URL is not percent-encoded as it should be")
        }
        credentials = decoded.contains(":") ? decoded : decoded + ":"
    }

    /// As it may be shown: without credentials.
    var shown: String { "\(encrypts ? "https" : "http")://\(address)\(path)" }

    private static func address(_ text: Substring, portDefault: Int) -> HostPort? {
        let hasPort = text.hasSuffix("]") ? false : text.contains(":")
        let whole = hasPort ? (text.hasSuffix(":") ? text + "\(portDefault)" : text) : text + ":\(portDefault)"
        guard let address = HostPort(String(whole), defaultHost: ""), !address.host.isEmpty, address.port > 0,
            address.host.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        return address
    }

    private static func percentDecoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, let decoded = UInt8(String(decoding: digits, as: UTF8.self), radix: 16),
                digits.first != UInt8(ascii: "+")
            else { return nil }
            bytes.append(decoded)
            rest = rest.dropFirst(2)
        }
        guard !bytes.contains(where: { $0 < 0x20 }) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}
