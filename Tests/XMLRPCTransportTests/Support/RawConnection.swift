import Glibc
import Synchronization

/// A plain blocking TCP socket: what a test says is exactly what is sent.
final class RawConnection: Sendable {
    private let descriptor: CInt
    private let input = Mutex(Input())

    private struct Input {
        var received: [UInt8] = []
        /// Nothing more will come: the other side has closed.
        var hasEnded = false
    }

    struct Failure: Error {
        let operation: String
        let code: CInt
    }

    /// - Parameters:
    ///   - timeoutSeconds: The longest that one receive waits; a test that gets there has failed.
    ///   - source: The address of this machine that it comes from; nil leaves it to the system.
    init(port: Int, timeoutSeconds: Int = 20, from source: String? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(operation: "socket", code: errno) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        if let source { try RawConnection.bind(descriptor, to: source) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            let code = errno
            Glibc.close(descriptor)
            throw Failure(operation: "connect", code: code)
        }
        var limit = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var isOn: CInt = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<CInt>.size))
    }

    deinit { Glibc.close(descriptor) }

    private static func bind(_ descriptor: CInt, to source: String) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        inet_pton(AF_INET, source, &address.sin_addr)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(operation: "bind", code: errno) }
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count < 0 { throw Failure(operation: "send", code: errno) }
            sent += count
        }
    }

    /// Says that nothing more will be sent.
    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Sends a reset instead of a regular end when the connection is released.
    func resetWhenReleased() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// The local port.
    var port: Int {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            _ = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return Int(in_port_t(bigEndian: address.sin_port))
    }

    /// One answer: head, and as many bytes of body as Content-Length says. Interim answers (1xx) are answers too.
    func receiveAnswer(toHead: Bool = false) async throws -> RawAnswer {
        try await onThread { try self.input.withLock { try self.receiveAnswer(&$0, toHead: toHead) } }
    }

    /// Everything until the other side closes; a reset counts as closing.
    func receiveUntilClosed() async throws -> [UInt8] {
        try await onThread {
            try self.input.withLock { input in
                while !input.hasEnded { try self.receiveMore(&input) }
                defer { input.received = [] }
                return input.received
            }
        }
    }

    private func receiveAnswer(_ input: inout Input, toHead: Bool) throws -> RawAnswer {
        let separator = Array("\r\n\r\n".utf8)
        var end = input.received.firstRange(of: separator)?.upperBound
        while end == nil {
            guard !input.hasEnded else {
                throw Failure(operation: "receive: closed after \(input.received.count) bytes", code: 0)
            }
            try receiveMore(&input)
            end = input.received.firstRange(of: separator)?.upperBound
        }
        var answer = RawAnswer(head: String(decoding: input.received[..<(end ?? 0)], as: UTF8.self))
        input.received.removeFirst(end ?? 0)
        let length = toHead ? 0 : answer.header("Content-Length").flatMap { Int($0) } ?? 0
        while input.received.count < length {
            guard !input.hasEnded else {
                throw Failure(operation: "receive: body cut at \(input.received.count)", code: 0)
            }
            try receiveMore(&input)
        }
        answer.body = Array(input.received.prefix(length))
        input.received.removeFirst(length)
        return answer
    }

    private func receiveMore(_ input: inout Input) throws {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count < 0 && errno == ECONNRESET {
            input.hasEnded = true
        } else if count < 0 {
            throw Failure(operation: "receive", code: errno)
        } else {
            input.hasEnded = count == 0
            input.received += buffer.prefix(count)
        }
    }
}

struct RawAnswer {
    let head: String
    var body: [UInt8] = []

    var status: Int { Int(head.split(separator: " ").dropFirst().first ?? "") ?? 0 }
    var text: String { String(decoding: body, as: UTF8.self) }

    func header(_ name: String) -> String? { headers(name).first }

    func headers(_ name: String) -> [String] {
        head.split(separator: "\r\n").dropFirst().compactMap { line in
            let halves = line.split(separator: ":", maxSplits: 1)
            guard halves.count == 2, halves[0].lowercased() == name.lowercased() else { return nil }
            return String(halves[1].drop { $0 == " " })
        }
    }
}

extension Array where Element == UInt8 {
    fileprivate func firstRange(of pattern: [UInt8]) -> Range<Int>? {
        guard count >= pattern.count else { return nil }
        return (0...count - pattern.count).first { self[$0..<$0 + pattern.count].elementsEqual(pattern) }
            .map { $0..<$0 + pattern.count }
    }
}
