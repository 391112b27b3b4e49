import XMLRPCTransport

/// Why a server does not serve.
public struct XMLRPCServerError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: Hashable, Sendable {
        case addressInUse
        case addressNotPermitted
        /// The host is no address of this machine.
        case badAddress
        /// `run()` was called twice.
        case alreadyRun
        case other
    }

    public let reason: Reason
    /// What is wrong, with the host and port, in a sentence for people.
    public let description: String

    static let alreadyRun = XMLRPCServerError(
        reason: .alreadyRun, description: "this server has been run before; make another one")

    private init(reason: Reason, description: String) {
        self.reason = reason
        self.description = description
    }

    init(_ error: any Error) {
        guard let error = error as? BindError else {
            self.init(reason: .other, description: "the server did not start: \(error)")
            return
        }
        let place = "\(error.host), port \(error.port)"
        switch error.reason {
        case .inUse:
            self.init(reason: .addressInUse, description: "\(place) is in use; choose another, or port 0")
        case .notPermitted:
            self.init(
                reason: .addressNotPermitted,
                description: "\(place) is not permitted to this user; choose a port above 1023")
        case .badAddress:
            self.init(
                reason: .badAddress,
                description: "\(error.host) is not an address of this machine; 127.0.0.1 or 0.0.0.0 are")
        case .other(let text):
            self.init(reason: .other, description: "can't listen on \(place): \(text)")
        }
    }
}
