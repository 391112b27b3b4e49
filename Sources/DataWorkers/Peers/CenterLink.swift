import Joining
import XMLRPCTransport

/// How a data worker reaches its center.
struct CenterLink: Sendable {
    let entry: MasterEntry
    let environment: [String: String]

    /// `HOST:PORT`.
    var address: String { entry.address.description }

    /// Reads anew what the center has left: one that was started again may have another secret.
    func client(threads: TransportThreads) throws -> HTTPClient {
        try entry.door(environment: environment).client(threads: threads)
    }
}
