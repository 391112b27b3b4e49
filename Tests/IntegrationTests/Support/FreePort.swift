import Glibc

/// Ports of this machine.
enum FreePort {
    /// A port that nothing listens on now, and so soon nothing else will.
    static func find() throws -> Int {
        let listener = try Listener()
        defer { listener.close() }
        return listener.port
    }

    /// Holds a port that others then find busy.
    struct Listener {
        private let socket: CInt
        let port: Int

        init() throws {
            socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let (socket, size) = (socket, length)
            let isBound = withUnsafeMutablePointer(to: &address) { address in
                address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                    bind(socket, address, size) == 0 && listen(socket, 1) == 0
                        && getsockname(socket, address, &length) == 0
                }
            }
            guard isBound else { throw Files.Failure(Array("127.0.0.1:0".utf8)) }
            port = Int(UInt16(bigEndian: address.sin_port))
        }

        func close() { Glibc.close(socket) }
    }
}
