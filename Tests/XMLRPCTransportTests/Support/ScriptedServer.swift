import Foundation

/// A server that does exactly what a test says: for the client's hard cases.
final class ScriptedServer: Sendable {
    let port: Int
    private let listener: CInt

    /// What is done with one connection after another: for each, the answers to the requests that come; nil closes the
    /// connection instead of answering, and the end of the list closes it after the last answer.
    ///
    /// - Parameter dripMilliseconds: Between one byte of an answer and the next; nil sends the answer at once.
    init(_ connections: [[String?]], dripMilliseconds: UInt32? = nil) throws {
        (listener, port) = try ScriptedServer.listen()
        let descriptor = listener
        Thread.detachNewThread {
            for answers in connections { ScriptedServer.serve(descriptor, answers, dripMilliseconds) }
            // Further connections stay open, and are not answered.
            var kept = [descriptor]
            while case let connection = accept(descriptor, nil, nil), connection >= 0 { kept.append(connection) }
            for number in kept { close(number) }
        }
    }

    /// Wakes the thread, which then closes it: closed here, its number could be another server's before the thread looks at
    /// it, and that one's connections would come here.
    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    /// A port that nobody listens on.
    static func freePort() throws -> Int {
        let (descriptor, port) = try listen()
        close(descriptor)
        return port
    }

    private static func listen() throws -> (descriptor: CInt, port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) | Glibc.listen(descriptor, 16) | getsockname(descriptor, $0, &length)
            }
        }
        guard result == 0 else { throw RawConnection.Failure(operation: "listen", code: errno) }
        return (descriptor, Int(in_port_t(bigEndian: address.sin_port)))
    }

    private static func serve(_ listener: CInt, _ answers: [String?], _ dripMilliseconds: UInt32?) {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        defer { close(connection) }
        for answer in answers {
            guard receiveRequest(connection), let answer else { return }
            let bytes = Array(answer.utf8)
            guard let dripMilliseconds else {
                _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
                continue
            }
            for byte in bytes {
                // Fails when the client has had enough.
                if send(connection, [byte], 1, Int32(MSG_NOSIGNAL)) < 0 { return }
                pause(milliseconds: dripMilliseconds)
            }
        }
    }

    /// Requests here have a body that ends in "</methodCall>", or none.
    private static func receiveRequest(_ connection: CInt) -> Bool {
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = recv(connection, &buffer, buffer.count, 0)
            if count <= 0 { return false }
            received += buffer.prefix(count)
            let text = String(decoding: received, as: UTF8.self)
            if text.hasSuffix("</methodCall>") || (text.hasPrefix("GET") && text.hasSuffix("\r\n\r\n")) { return true }
        }
    }
}
