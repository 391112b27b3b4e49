import Glibc
import Testing

@testable import LocalMachine

@Suite struct LoopbackPeerTests {
    private static let table6 = """
          sl  local_address                         remote_address                        st
           0: 00000000000000000000000001000000:1F40 00000000000000000000000000000000:0000 0A 0:0 00:0 0  1003        0 1
           1: 0000000000000000FFFF00000100007F:1F42 00000000000000000000000000000000:0000 0A 0:0 00:0 0  1004        0 1

        """
    private static let table = """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0 100 0 0 10 0
           1: 0100007F:1F41 0100007F:1F40 01 00000000:00000000 00:00000000 00000000  1001        0 4712 1 0 100 0 0 10 0
           2: 00000000:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1002        0 4713 1 0 100 0 0 10 0
          an odd line

        """

    private static func listeners(_ host: String, _ port: Int) -> Set<uid_t> {
        LoopbackPeer.listeners(host: host, port: port, tables: [table, table6])
    }

    @Test("Whoever listens at an address comes before whoever listens at all, and others don't count")
    func parsing() {
        #expect(Self.listeners("127.0.0.1", 8_000) == [1_000])
        #expect(Self.listeners("0.0.0.0", 8_000) == [1_000], "a connection there is one to loopback")
        #expect(Self.listeners("127.0.0.2", 8_000) == [1_002])
        #expect(Self.listeners("10.0.0.5", 8_000) == [1_002])
        #expect(Self.listeners("::1", 8_000) == [1_003])
        #expect(Self.listeners("127.0.0.1", 8_001) == [], "who is only connected does not listen")
        #expect(Self.listeners("127.0.0.1", 8_002) == [1_004], "a program that speaks IPv6 too")
    }

    /// Listens on a port that is free.
    private static func listen(_ host: String, isDual: Bool = false) throws -> (socket: CInt, port: Int) {
        let isSix = host.contains(":")
        let listener = socket(isSix ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var storage = sockaddr_storage()
        var length: socklen_t
        if isSix {
            var only: CInt = isDual ? 0 : 1
            setsockopt(listener, CInt(IPPROTO_IPV6), IPV6_V6ONLY, &only, socklen_t(MemoryLayout<CInt>.size))
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            inet_pton(AF_INET6, host, &address.sin6_addr)
            length = socklen_t(MemoryLayout<sockaddr_in6>.size)
            withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: address, as: sockaddr_in6.self) }
        } else {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            inet_pton(AF_INET, host, &address.sin_addr)
            length = socklen_t(MemoryLayout<sockaddr_in>.size)
            withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: address, as: sockaddr_in.self) }
        }
        try withUnsafeMutablePointer(to: &storage) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                try #require(bind(listener, address, length) == 0 && Glibc.listen(listener, 1) == 0)
                try #require(getsockname(listener, address, &length) == 0)
            }
        }
        // Both families have it at the same place.
        return (listener, withUnsafeBytes(of: storage) { Int($0[2]) << 8 | Int($0[3]) })
    }

    @Test("A port of this process is its user's own, and one where nobody listens is nobody's")
    func own() throws {
        let (listener, port) = try Self.listen("127.0.0.1")
        defer { close(listener) }
        #expect(LoopbackPeer.isOwn(host: "127.0.0.1", port: port))
        #expect(LoopbackPeer.isOwn(host: "0.0.0.0", port: port))
        #expect(!LoopbackPeer.isOwn(host: "127.0.0.2", port: port))
        shutdown(listener, Int32(SHUT_RDWR))
        #expect(!LoopbackPeer.isOwn(host: "127.0.0.1", port: port))
    }

    @Test("The kernel names the user of the socket that a connection would come to")
    func asked() throws {
        // A sandbox may not answer such questions; there the tables are read.
        guard
            try { () throws -> Bool in
                let (listener, port) = try Self.listen("127.0.0.1")
                defer { close(listener) }
                return LoopbackPeer.listener(host: "127.0.0.1", port: port) != nil
            }()
        else { return }
        for (bound, isDual, reached, others) in [
            ("127.0.0.1", false, ["127.0.0.1", "0.0.0.0"], ["127.0.0.2", "::1", "odd"]),
            ("0.0.0.0", false, ["127.0.0.1", "127.0.0.2"], ["::1"]),
            ("::1", false, ["::1", "::"], ["127.0.0.1"]),
            ("::", true, ["::1", "127.0.0.1"], []),
        ] {
            let (listener, port) = try Self.listen(bound, isDual: isDual)
            defer { close(listener) }
            for host in reached {
                #expect(LoopbackPeer.listener(host: host, port: port) == geteuid(), "\(bound) reached as \(host)")
            }
            for host in others {
                #expect(LoopbackPeer.listener(host: host, port: port) == nil, "\(bound) not reached as \(host)")
            }
        }
    }

    @Test("Another user's socket is not one's own", .enabled(if: geteuid() == 0, "only root has sockets of others"))
    func others() throws {
        let (listener, port) = try Self.listen("127.0.0.1")
        defer { close(listener) }
        try #require(fchown(listener, 65_534, gid_t.max) == 0)
        #expect(!LoopbackPeer.isOwn(host: "127.0.0.1", port: port))
    }
}
