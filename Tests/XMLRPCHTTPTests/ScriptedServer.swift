import Foundation
import Synchronization

/// A server that does exactly what a test says, one request after the other, over however many connections.
final class ScriptedServer: Sendable {
    enum Step: Sendable {
        /// A methodResponse with this value, and the connection is kept.
        case answer(String)
        /// These bytes, and the connection is kept.
        case raw(String)
        case hangUp
        /// No answer; the connection stays open.
        case silence
    }

    private struct Seen {
        var requests: [String] = []
        var connectionCount = 0
    }

    /// What the server's thread and the test share.
    private final class Record: Sendable {
        let seen = Mutex(Seen())
    }

    let url: String
    private let listener: CInt
    private let record = Record()

    struct Failure: Error { let code: CInt }

    init(_ steps: [Step]) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) | listen(descriptor, 16) | getsockname(descriptor, $0, &length)
            }
        }
        guard result == 0 else { throw Failure(code: errno) }
        listener = descriptor
        url = "http://127.0.0.1:\(in_port_t(bigEndian: address.sin_port))/"
        let record = record
        Thread.detachNewThread { Self.serve(descriptor, steps, record) }
    }

    /// Wakes the thread, which then closes it: closed here, its number could be another listener's before the thread looks at it.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    var requests: [String] { record.seen.withLock(\.requests) }
    var requestCount: Int { requests.count }
    var connectionCount: Int { record.seen.withLock(\.connectionCount) }

    static func text(_ document: [UInt8]) -> String {
        "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: \(document.count)\r\n\r\n"
            + String(decoding: document, as: UTF8.self)
    }

    // MARK: The thread

    private static func serve(_ listener: CInt, _ steps: [Step], _ record: Record) {
        var rest = steps[...]
        var kept: [CInt] = []
        defer { for connection in kept + [listener] { close(connection) } }
        while !rest.isEmpty {
            let connection = accept(listener, nil, nil)
            if connection < 0 { return }
            record.seen.withLock { $0.connectionCount += 1 }
            if converse(connection, &rest, record) { kept.append(connection) } else { close(connection) }
        }
        // What is silent stays so until the test is over.
        while accept(listener, nil, nil) >= 0 {}
    }

    /// - Returns: Whether the connection stays open.
    private static func converse(_ connection: CInt, _ rest: inout ArraySlice<Step>, _ record: Record) -> Bool {
        while let request = receiveRequest(connection) {
            record.seen.withLock { $0.requests.append(request) }
            switch rest.popFirst() {
            case nil, .hangUp: return false
            case .silence: return true
            case .raw(let text): send(text, connection)
            case .answer(let value):
                let document =
                    "<methodResponse><params><param><value>\(value)</value></param></params></methodResponse>"
                send(text(Array(document.utf8)), connection)
            }
        }
        return false
    }

    private static func send(_ text: String, _ connection: CInt) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    private static func receiveRequest(_ connection: CInt) -> String? {
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = recv(connection, &buffer, buffer.count, 0)
            if count <= 0 { return nil }
            received += buffer.prefix(count)
            let text = String(decoding: received, as: UTF8.self)
            if text.hasSuffix("</methodCall>") { return text }
        }
    }
}
