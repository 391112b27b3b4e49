extension RouteRequest {
    /// What the request's `Accept-Encoding` says of a coding (RFC 9110, section 12.5.3). Whoever forbids `identity` wants it in any
    /// case. Of weights only 0 means anything here.
    package func wish(for coding: String) -> CodingWish {
        var isAccepted = false
        var isIdentityForbidden = false
        for item in headers[canonicalForm: "accept-encoding"] {
            let parts = item.split(separator: ";", maxSplits: 1)
            guard let name = parts.first else { continue }
            let isForbidden = parts.count == 2 && Self.isZeroWeight(parts[1])
            switch BodyLength.trimmed(String(name)).lowercased() {
            case coding: isAccepted = !isForbidden
            case "identity": isIdentityForbidden = isForbidden
            default: break
            }
        }
        guard isAccepted else { return .never }
        return isIdentityForbidden ? .always : .whenItPays
    }

    /// `q=0`, `q=0.0`, ...
    private static func isZeroWeight(_ text: Substring) -> Bool {
        let bytes = text.utf8.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
        guard bytes.count >= 3, [UInt8(ascii: "q"), UInt8(ascii: "Q")].contains(bytes[0]), bytes[1] == UInt8(ascii: "=")
        else { return false }
        return bytes[2...].allSatisfy { $0 == UInt8(ascii: "0") || $0 == UInt8(ascii: ".") }
    }
}
