import Glibc

/// A descriptor could not be read or written, or a body not taken.
struct FileFailure: Error, Hashable, Sendable, CustomStringConvertible {
    let reason: String
    /// Set where it is no fault of the descriptor, but of what was to be written to it.
    var fault: BodyFault?
    /// Set where whoever sends the body may hear of it.
    var refusal: BodyRefusal?

    enum BodyFault: Hashable, Sendable {
        case damaged
        case tooLong
    }

    init(reason: String, fault: BodyFault? = nil) {
        self.reason = reason
        self.fault = fault
    }

    init(of error: any Error) {
        if let failure = error as? FileFailure {
            self = failure
        } else {
            self.init(reason: "\(error)")
            refusal = error as? BodyRefusal
        }
    }

    init(errno code: CInt, doing operation: String) {
        reason = "\(operation): \(String(cString: strerror(code))) (errno \(code))"
    }

    var description: String { reason }
}
