import Foundation

/// One request over a connection of its own, as its bytes are.
struct RawRequest {
    var method = "GET"
    var path: String
    var headers: [String] = []
    var body: [UInt8] = []
    /// The connection ends when so much of the body has been sent.
    var cutAfter: Int?

    struct Answer {
        let status: Int
        let headers: [String: String]
        let body: [UInt8]
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// - Returns: nil where it was cut.
    func send(to port: Int) throws -> Answer? {
        let connection = try CutProxy.connect(port)
        defer { close(connection) }
        var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n"
        let isChunked = headers.contains { $0.hasPrefix("Transfer-Encoding") }
        if method == "PUT", !isChunked { head += "Content-Length: \(body.count)\r\n" }
        head += headers.map { "\($0)\r\n" }.joined() + "\r\n"
        try Self.send(Array(head.utf8), connection)
        try Self.send(Array(body.prefix(cutAfter ?? body.count)), connection)
        if cutAfter != nil { return nil }
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        while case let count = recv(connection, &buffer, buffer.count, 0), count > 0 {
            received.append(contentsOf: buffer[..<count])
        }
        return Self.parse(received)
    }

    private static func send(_ bytes: [UInt8], _ connection: Int32) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(connection, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            // A server that has refused may have closed: its answer says why.
            guard count > 0 else { return }
            sent += count
        }
    }

    private static func parse(_ bytes: [UInt8]) -> Answer? {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        guard let status = lines.first.flatMap({ Int($0.split(separator: " ")[1]) }) else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts.count == 2 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
        }
        return Answer(status: status, headers: headers, body: Array(bytes[end.upperBound...]))
    }
}
