import Glibc

/// The addresses that this machine has.
package enum OwnAddresses {
    /// What a program listens on that serves all of them.
    package static let wildcards = ["0.0.0.0", "::"]

    /// Of interfaces that are up, without those that are good for one network link only (RFC 3927, RFC 4291).
    package static var all: [String] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return [] }
        defer { freeifaddrs(list) }
        var addresses: [String] = []
        var next = list
        while let entry = next {
            next = entry.pointee.ifa_next
            guard entry.pointee.ifa_flags & UInt32(IFF_UP) != 0, let address = entry.pointee.ifa_addr,
                let text = text(of: address), !text.hasPrefix("fe80:"), !text.hasPrefix("169.254."),
                !addresses.contains(text)
            else { continue }
            addresses.append(text)
        }
        return addresses
    }

    /// Whether a program on this machine that connects there stays on it. Names other than localhost are not looked up.
    package static func contains(_ host: String) -> Bool {
        Loopback.contains(host) || wildcards.contains(host) || all.contains(host)
    }

    /// The address that other machines reach this one at, as far as its routes tell; nil when it has none.
    package static var outward: String? {
        // Nothing is sent: addresses that no machine has (RFC 5737, RFC 3849).
        local(toward: "192.0.2.1", port: 9) ?? local(toward: "2001:db8::1", port: 9)
            ?? all.first { !Loopback.contains($0) }
    }

    /// This side's address of a connection to there. Looks names up, and so may take seconds.
    package static func local(toward host: String, port: Int) -> String? {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, "\(port)", &hints, &list) == 0 else { return nil }
        defer { freeaddrinfo(list) }
        var next = list
        while let entry = next {
            next = entry.pointee.ai_next
            if let found = local(toward: entry.pointee) { return found }
        }
        return nil
    }

    private static func local(toward entry: addrinfo) -> String? {
        let descriptor = socket(entry.ai_family, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        guard connect(descriptor, entry.ai_addr, entry.ai_addrlen) == 0 else { return nil }
        return withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard getsockname(descriptor, address, &length) == 0 else { return nil }
                return text(of: address)
            }
        }
    }

    /// nil for what is no internet address.
    private static func text(of address: UnsafeMutablePointer<sockaddr>) -> String? {
        let length: Int
        switch Int32(address.pointee.sa_family) {
        case AF_INET: length = MemoryLayout<sockaddr_in>.size
        case AF_INET6: length = MemoryLayout<sockaddr_in6>.size
        default: return nil
        }
        var buffer = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        guard
            getnameinfo(address, socklen_t(length), &buffer, socklen_t(buffer.count), nil, 0, NI_NUMERICHOST) == 0
        else { return nil }
        let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
