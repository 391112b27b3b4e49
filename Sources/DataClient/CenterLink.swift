import Access
import Glibc
import LocalMachine
import Synchronization
import XMLRPC
import XMLRPCHTTP

/// How a center is called: where it is, what lets in, and what is done while it is away.
final class CenterLink: Sendable {
    let encoder = ComputationOrder.encoder
    let decoder = XMLRPCDecoder()
    private let address: HostPort
    private let patience: Duration
    /// nil: what the center has left in the state folder, which is another each time that it starts.
    private let fixedDoor: Door?
    private let environment: [String: String]
    private let current: Mutex<(door: Door, client: XMLRPCClient)>

    private struct Door: Equatable {
        var token: String?
        var pin: String?
        var asksAuthorities = false
    }

    private static let answerByteCountMax = 128 << 20
    private static let pauseMax: Duration = .seconds(2)

    init(_ text: String, token: String?, patience: Duration, environment: [String: String]) throws {
        self.patience = patience
        self.environment = environment
        var fixedDoor = token.map { Door(token: $0) }
        if text.hasPrefix("mr1.") {
            let line: JoinLine
            do { line = try JoinLine(text) } catch { throw DataClientError.badAddress(reason: "\(error)") }
            address = line.master
            fixedDoor = Door(token: line.secret)
            switch line.trust {
            case .pin(let pin): fixedDoor?.pin = pin.description
            case .authority: fixedDoor?.asksAuthorities = true
            }
        } else {
            guard let place = HostPort(text, defaultHost: "127.0.0.1"), place.port > 0 else {
                throw DataClientError.badAddress(
                    reason:
                        "'\(DisplayName.of(Array(text.utf8)))' is neither HOST:PORT nor a join line; write it like 127.0.0.1:8787"
                )
            }
            address = place
        }
        self.fixedDoor = fixedDoor
        let door = try fixedDoor ?? Self.record(address, environment)
        current = Mutex((door, try Self.client(door, address, patience)))
    }

    private static func record(_ address: HostPort, _ environment: [String: String]) throws -> Door {
        let directory = try StateDirectory.ofUser(environment: environment)
        let record = try MasterRecord.read(in: directory, host: address.host, port: address.port)
        return Door(token: record?.token, pin: record?.pin)
    }

    /// What says where the state folder is.
    static var ownEnvironment: [String: String] {
        var environment: [String: String] = [:]
        for name in ["MR_STATE_DIR", "XDG_STATE_HOME", "HOME"] {
            environment[name] = getenv(name).map { String(cString: $0) }
        }
        return environment
    }

    private static func client(_ door: Door, _ address: HostPort, _ patience: Duration) throws -> XMLRPCClient {
        var configuration = XMLRPCClientConfiguration()
        configuration.timeout = patience
        configuration.answerByteCountMax = answerByteCountMax
        configuration.retry = XMLRPCRetryPolicy(attemptCountMax: 10_000, delayMax: pauseMax)
        if let token = door.token { configuration.credentials = .bearer(token) }
        if let pin = door.pin { configuration.tls = try XMLRPCClientTLS(trust: .keys([pin])) }
        let isEncrypted = door.pin != nil || door.asksAuthorities
        return try XMLRPCClient("\(isEncrypted ? "https" : "http")://\(address)/RPC2", configuration: configuration)
    }

    /// All that is called may be called twice: keys are made before.
    func call(_ method: String, _ parameters: [XMLRPCValue], heldBack: Duration = .zero) async throws -> XMLRPCValue {
        let options = XMLRPCCallOptions(timeout: patience + heldBack, isIdempotent: true)
        let call = MethodCall(methodName: method, parameters: parameters)
        do {
            return try await current.withLock { $0.client }.send(call, options: options)
        } catch let error as XMLRPCClientError where error.reason == .unauthorized {
            // A center that has started again has another secret.
            guard let client = try renewed() else { throw error }
            return try await client.send(call, options: options)
        }
    }

    /// - Returns: nil where there is nothing new.
    private func renewed() throws -> XMLRPCClient? {
        guard fixedDoor == nil else { return nil }
        let door = try Self.record(address, environment)
        return try current.withLock { current in
            guard door != current.door else { return nil }
            current = (door, try Self.client(door, address, patience))
            return current.client
        }
    }

    func close() async { await current.withLock { $0.client }.close() }
}
