import XMLRPCTransport

extension Authorizer {
    /// Lets in whoever sends this, and nobody else.
    static func only(_ right: String, role: String = "owner") -> Authorizer {
        Authorizer { header in
            guard let header else { return .asked }
            return header == right ? .allowed(role: role) : .refused(reason: "the token is old")
        }
    }
}
