/// Where a server listens.
public struct XMLRPCServerAddress: Hashable, Sendable, CustomStringConvertible {
    public let host: String
    public let port: Int
    /// Whether it speaks TLS.
    public let isEncrypted: Bool

    /// The URL for clients, such as `http://127.0.0.1:8080/RPC2`.
    public var description: String {
        "http\(isEncrypted ? "s" : "")://\(host.contains(":") ? "[\(host)]" : host):\(port)/RPC2"
    }
}
