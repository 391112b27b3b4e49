/// Who called: enough to tell callers apart, to find the one that hung up, and to say where a call came from.
public struct Caller: Hashable, Sendable {
    /// One per HTTP request, unique in the process.
    public let id: UInt64
    public let remoteAddress: String
    /// What the caller's credential allows, in the application's own words; "" if nothing was asked.
    public let role: String

    public init(id: UInt64, remoteAddress: String, role: String = "") {
        self.id = id
        self.remoteAddress = remoteAddress
        self.role = role
    }
}
