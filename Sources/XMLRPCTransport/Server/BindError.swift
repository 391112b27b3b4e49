import Glibc
import NIOCore

/// Why a server can't listen, and what to do.
package struct BindError: Error, Hashable, Sendable, CustomStringConvertible {
    package let host: String
    package let port: Int
    package let reason: Reason

    package enum Reason: Hashable, Sendable {
        case inUse
        case notPermitted
        /// The host is no address of this machine.
        case badAddress
        case other(String)
    }

    init(host: String, port: Int, cause: any Error) {
        self.host = host
        self.port = port
        switch cause {
        case let error as IOError: reason = BindError.reason(of: error)
        case is SocketAddressError, is SocketAddressError.UnknownHost: reason = .badAddress
        default: reason = .other("\(cause)")
        }
    }

    private static func reason(of error: IOError) -> Reason {
        switch error.errnoCode {
        case EADDRINUSE: .inUse
        case EACCES, EPERM: .notPermitted
        case EADDRNOTAVAIL, EAFNOSUPPORT, EINVAL: .badAddress
        default: .other(error.description)
        }
    }

    package var description: String {
        switch reason {
        case .inUse:
            "port \(port) on \(host) is in use; choose another with --listen HOST:PORT, or port 0"
        case .notPermitted:
            "port \(port) on \(host) is not permitted to this user; choose one above 1023 with --listen HOST:PORT"
        case .badAddress:
            "\(host) is not an address of this machine; choose one with --listen HOST:PORT, such as 127.0.0.1 or 0.0.0.0"
        case .other(let text):
            "can't listen on \(host):\(port): \(text)"
        }
    }
}
