import Glibc

/// A descriptor could not be read or written.
struct FileFailure: Error, Hashable, Sendable, CustomStringConvertible {
    let reason: String

    init(reason: String) {
        self.reason = reason
    }

    init(errno code: CInt, doing operation: String) {
        reason = "\(operation): \(String(cString: strerror(code))) (errno \(code))"
    }

    var description: String { reason }
}
