import XMLRPC

/// The path and query of a request target, decoded.
struct RequestTarget: Hashable, Sendable {
    let components: [String]
    let query: [String: String]

    /// Reads origin form ("/a/b?c=d") and absolute form ("http://host/a"); nil for anything else, and for paths that
    /// could be misread: bad percent signs, text that isn't UTF-8, empty parts, "." and "..", "/" and NUL inside a part.
    init?(_ text: String) {
        // Of all targets but a few.
        if text == "/RPC2" {
            components = ["RPC2"]
            query = [:]
            return
        }
        let bytes = Array(text.utf8)
        guard let path = RequestTarget.pathAndQuery(bytes[...]) else { return nil }
        let withoutFragment = path.prefix { $0 != UInt8(ascii: "#") }
        guard withoutFragment.count == path.count else { return nil }
        let halves = path.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let components = RequestTarget.components(halves[0]) else { return nil }
        guard let query = RequestTarget.query(halves.count == 2 ? halves[1] : []) else { return nil }
        self.components = components
        self.query = query
    }

    /// Cuts scheme and authority off an absolute form.
    private static func pathAndQuery(_ target: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        if target.first == UInt8(ascii: "/") { return target }
        let scheme = "http://"
        guard target.count > scheme.utf8.count,
            String(decoding: target.prefix(scheme.utf8.count), as: UTF8.self).lowercased() == scheme
        else { return nil }
        let rest = target.dropFirst(scheme.utf8.count)
        let end = rest.firstIndex { [UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#")].contains($0) }
        guard let end else { return [UInt8(ascii: "/")] }
        if end == rest.startIndex { return nil }
        return rest[end] == UInt8(ascii: "/") ? rest[end...] : [UInt8(ascii: "/")] + rest[end...]
    }

    private static func components(_ path: ArraySlice<UInt8>) -> [String]? {
        var result: [String] = []
        let parts = path.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            let isTrailingSlash = part.isEmpty && index == parts.count - 1
            if isTrailingSlash { continue }
            guard let text = percentDecoded(part), isPlain(text), StreamSafeText.isSafe(text) else { return nil }
            result.append(text)
        }
        return result
    }

    private static func isPlain(_ component: String) -> Bool {
        !component.isEmpty && component != "." && component != ".."
            && !component.utf8.contains { $0 == UInt8(ascii: "/") || $0 == 0 }
    }

    private static func query(_ text: ArraySlice<UInt8>) -> [String: String]? {
        var result: [String: String] = [:]
        for pair in text.split(separator: UInt8(ascii: "&")) {
            let halves = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = percentDecoded(halves[0], plusIsSpace: true) else { return nil }
            guard let value = percentDecoded(halves.count == 2 ? halves[1] : [], plusIsSpace: true) else { return nil }
            guard StreamSafeText.isSafe(name), StreamSafeText.isSafe(value) else { return nil }
            result[name] = value
        }
        return result
    }

    private static func percentDecoded(_ text: ArraySlice<UInt8>, plusIsSpace: Bool = false) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var rest = text
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard let high = rest.popFirst().flatMap(hexadecimalValue),
                    let low = rest.popFirst().flatMap(hexadecimalValue)
                else { return nil }
                bytes.append(high << 4 | low)
            } else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexadecimalValue(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
