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

    @Test("A port of this process is its user's own, and one where nobody listens is nobody's")
    func own() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = try withUnsafeMutablePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                try #require(bind(listener, address, length) == 0 && listen(listener, 1) == 0)
                try #require(getsockname(listener, address, &length) == 0)
            }
            return Int(UInt16(bigEndian: pointer.pointee.sin_port))
        }
        #expect(LoopbackPeer.isOwn(host: "127.0.0.1", port: port))
        #expect(!LoopbackPeer.isOwn(host: "127.0.0.2", port: port))
        shutdown(listener, Int32(SHUT_RDWR))
        #expect(!LoopbackPeer.isOwn(host: "127.0.0.1", port: port))
    }
}
