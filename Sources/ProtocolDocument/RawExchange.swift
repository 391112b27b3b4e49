import Glibc

/// One HTTP exchange over a plain socket, byte for byte as it went over the wire.
struct RawExchange {
    let request: String
    let response: String

    enum Trouble: Error {
        case socket(String)
        case malformedAnswer
    }

    /// - Parameter request: A whole request; the connection is closed after its answer.
    init(port: Int, request: String) throws {
        let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard connection >= 0 else { throw Trouble.socket(String(cString: strerror(errno))) }
        defer { close(connection) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(connection, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        let bytes = Array(request.utf8)
        guard connected == 0, send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw Trouble.socket(String(cString: strerror(errno)))
        }
        self.request = request
        response = try Self.readAnswer(connection)
    }

    /// Up to the end of the body that Content-Length announces.
    private static func readAnswer(_ connection: CInt) throws -> String {
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { throw Trouble.malformedAnswer }
            answer += buffer[..<count]
            let text = String(decoding: answer, as: UTF8.self)
            if let end = endOfHead(text), let length = contentLength(text), text.utf8.count - end >= length {
                return text
            }
        }
    }

    private static func endOfHead(_ text: String) -> Int? {
        let bytes = Array(text.utf8)
        let mark = Array("\r\n\r\n".utf8)
        return bytes.indices.first { bytes[$0...].starts(with: mark) }.map { $0 + mark.count }
    }

    private static func contentLength(_ text: String) -> Int? {
        for line in text.split(separator: "\r\n") where line.lowercased().hasPrefix("content-length:") {
            return Int(line.dropFirst("content-length:".count).drop { $0 == " " })
        }
        return nil
    }
}
