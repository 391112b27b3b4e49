import Foundation
import LocalMachine
import Synchronization

/// Stands between a client and a data worker. It passes bytes on, notes what is asked, and cuts, stops or spoils what is answered
/// where a test says so, counted in bytes of all answers together.
final class CutProxy: Sendable {
    struct Plan: Sendable {
        /// The connection ends there; others are taken.
        var cuts: [Int] = []
        /// Everything ends there, as for a process that dies.
        var diesAt: Int?
        /// Nothing more passes until ``CutProxy/resume()``.
        var pausesAt: Int?
        /// This byte is changed.
        var spoils: Int?
    }

    private struct State {
        var plan: Plan
        var passedByteCount = 0
        var asked: [UInt8] = []
        var isPaused = false
        var isGone = false
        var connections: [Int32] = []
    }

    let port: Int
    private let listener: Int32
    private let target: Int
    private let state: Mutex<State>

    var address: String { "127.0.0.1:\(port)" }

    init(to target: Int, _ plan: Plan = Plan()) throws {
        (listener, port) = try Self.listen()
        self.target = target
        state = Mutex(State(plan: plan))
        guard DetachedThread.start({ [self] in acceptAll() }) else { throw SocketFailure(number: errno) }
    }

    /// Of all answers.
    var passedByteCount: Int { state.withLock { $0.passedByteCount } }
    var isPaused: Bool { state.withLock { $0.isPaused } }

    /// How many requests of a method have come.
    func requestCount(_ method: String) -> Int { text.components(separatedBy: "\(method) /").count - 1 }

    private var text: String { String(decoding: state.withLock { $0.asked }, as: UTF8.self) }

    /// Where ranges that were asked for began.
    var rangeStarts: [Int] {
        text.components(separatedBy: "Range: bytes=").dropFirst().compactMap { Int($0.prefix { $0 != "-" }) }
    }

    func resume() { state.withLock { $0.isPaused = false } }

    /// Ends all connections, and takes no more.
    func die() {
        let connections = state.withLock { state in
            state.isGone = true
            return state.connections
        }
        shutdown(listener, Int32(SHUT_RDWR))
        for connection in connections { shutdown(connection, Int32(SHUT_RDWR)) }
    }

    deinit { close(listener) }

    private func acceptAll() {
        while case let client = accept(listener, nil, nil), client >= 0 {
            guard let worker = try? Self.connect(target) else {
                close(client)
                continue
            }
            let isGone = state.withLock { state in
                state.connections += [client, worker]
                return state.isGone
            }
            if isGone { die() }
            let up = DetachedThread.start { [self] in pump(client, worker) { bytes in note(bytes) } }
            let down = DetachedThread.start { [self] in pump(worker, client) { bytes in pass(&bytes) } }
            precondition(up && down, "no thread")
        }
    }

    private func note(_ bytes: [UInt8]) -> Bool {
        state.withLock { $0.asked += bytes }
        return true
    }

    /// - Returns: False where the connection ends after these bytes.
    private func pass(_ bytes: inout [UInt8]) -> Bool {
        while isPaused { usleep(500) }
        let (isCut, dies) = state.withLock { state -> (Bool, Bool) in
            let (start, end) = (state.passedByteCount, state.passedByteCount + bytes.count)
            if let spoiled = state.plan.spoils, start..<end ~= spoiled { bytes[spoiled - start] ^= 0x20 }
            if let pause = state.plan.pausesAt, end >= pause {
                state.plan.pausesAt = nil
                state.isPaused = true
            }
            let limit = state.plan.diesAt ?? state.plan.cuts.first
            guard let limit, end >= limit else {
                state.passedByteCount = end
                return (false, false)
            }
            bytes.removeLast(end - limit)
            state.passedByteCount = limit
            if state.plan.diesAt == nil { state.plan.cuts.removeFirst() }
            return (true, state.plan.diesAt != nil)
        }
        if dies { die() }
        return !isCut
    }

    private func pump(_ source: Int32, _ target: Int32, _ pass: (inout [UInt8]) -> Bool) {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        var goesOn = true
        while goesOn, case let count = recv(source, &buffer, buffer.count, 0), count > 0 {
            var bytes = Array(buffer.prefix(count))
            goesOn = pass(&bytes)
            var sent = 0
            while sent < bytes.count {
                let count = bytes.withUnsafeBytes {
                    send(target, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else {
                    goesOn = false
                    break
                }
                sent += count
            }
        }
        // The descriptors stay until the process ends: their numbers are nobody else's meanwhile.
        shutdown(source, Int32(SHUT_RDWR))
        shutdown(target, Int32(SHUT_RDWR))
    }

    struct SocketFailure: Error { let number: Int32 }

    /// A port that nobody listens on.
    static func unusedPort() throws -> Int {
        let (listener, port) = try listen()
        close(listener)
        return port
    }

    private static func listen() throws -> (Int32, Int) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) | Glibc.listen(listener, 64) | getsockname(listener, $0, &length)
            }
        }
        guard result == 0 else { throw SocketFailure(number: errno) }
        return (listener, Int(in_port_t(bigEndian: address.sin_port)))
    }

    static func connect(_ port: Int) throws -> Int32 {
        let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = loopback(port)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(connection, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            close(connection)
            throw SocketFailure(number: errno)
        }
        return connection
    }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }
}

struct DidNotHappen: Error, CustomStringConvertible {
    let description: String
}

/// Waits for something that other threads bring about.
func eventually(
    _ event: String, within limit: Duration = .seconds(60), _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < end else { throw DidNotHappen(description: "\(event) within \(limit)") }
        try await Task.sleep(for: .milliseconds(2))
    }
}
