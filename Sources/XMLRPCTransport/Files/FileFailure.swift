import Glibc

/// A descriptor could not be read or written.
struct FileFailure: Error, Hashable, Sendable, CustomStringConvertible {
    let reason: String
    /// Set where it is no fault of the descriptor, but of what was to be written to it.
    var fault: BodyFault?

    enum BodyFault: Hashable, Sendable {
        case damaged
        case tooLong
    }

    init(reason: String, fault: BodyFault? = nil) {
        self.reason = reason
        self.fault = fault
    }

    init(errno code: CInt, doing operation: String) {
        reason = "\(operation): \(String(cString: strerror(code))) (errno \(code))"
    }

    var description: String { reason }
}
