import NIOCore

/// Where a connection comes from, for counting: an IPv4 address, or the first 64 bits of an IPv6 one. Whoever has one
/// address of such a network has all of them.
struct PeerAddress: Hashable, Sendable, CustomStringConvertible {
    private let bits: UInt64
    private let isIPv6: Bool

    private init(bits: UInt64, isIPv6: Bool) {
        self.bits = bits
        self.isIPv6 = isIPv6
    }

    /// nil for what has no IP address.
    init?(_ address: SocketAddress?) {
        switch address {
        case .v4(let address): self.init(ipv4: UInt32(bigEndian: address.address.sin_addr.s_addr))
        case .v6(let address):
            self = withUnsafeBytes(of: address.address.sin6_addr) { PeerAddress(ipv6: $0) }
        case .unixDomainSocket, nil: return nil
        }
    }

    /// 10.0.0.5, or 2001:db8:0:0::/64.
    var description: String {
        let groups = (0..<4).map { UInt16(truncatingIfNeeded: bits >> (48 - 16 * UInt64($0))) }
        if isIPv6 { return groups.map { String($0, radix: 16) }.joined(separator: ":") + "::/64" }
        return (0..<4).map { String(UInt8(truncatingIfNeeded: bits >> (24 - 8 * UInt64($0)))) }.joined(separator: ".")
    }

    /// ADDRESS:PORT, for logs.
    static func text(_ address: SocketAddress?) -> String {
        guard let address else { return "unknown" }
        return "\(address.ipAddress ?? "unknown"):\(address.port ?? 0)"
    }

    private init(ipv4: UInt32) { self.init(bits: UInt64(ipv4), isIPv6: false) }

    private init(ipv6 bytes: UnsafeRawBufferPointer) {
        let network = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
        let rest = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        // ::ffff:a.b.c.d is IPv4 on a socket that takes both.
        if network == 0, rest >> 32 == 0xFFFF {
            self.init(ipv4: UInt32(truncatingIfNeeded: rest))
        } else {
            self.init(bits: network, isIPv6: true)
        }
    }
}
