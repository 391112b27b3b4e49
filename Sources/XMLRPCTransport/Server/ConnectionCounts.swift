/// How many connections a server has, by what they have shown of themselves; decides which new ones may stay.
///
///     admit ──▶ unauthenticated ◀──shown right, shown wrong──▶ authenticated ──▶ ended
///          └──▶ refused (is told 503) ──▶ ended
///          └──▶ turned away
struct ConnectionCounts: Hashable, Sendable {
    enum Standing: Hashable, Sendable {
        /// Has not shown valid credentials yet.
        case unauthenticated
        /// Has shown them, or nobody asks for them.
        case authenticated
        /// Is over a limit, and stays only until it has been told.
        case refused
    }

    enum Admission: Hashable, Sendable {
        case admitted(Standing)
        case refused(reason: String)
        /// Not even told: too many others are being told.
        case turnedAway
    }

    struct Limits: Hashable, Sendable {
        let connectionsMax: Int
        let unauthenticatedMax: Int
        /// nil: no address is counted.
        let perAddressMax: Int?
        /// Connections at a time that are told why they may not stay.
        let refusedMax: Int
        let asksForCredentials: Bool
        /// See `HTTPServerConfiguration.unlimitedRole`; nil: no role is counted.
        var unlimitedRole: String?
        /// Connections that any other role may have.
        var perRoleMax = Int.max
    }

    let limits: Limits
    private(set) var authenticated = 0
    private(set) var unauthenticated = 0
    private(set) var refused = 0
    /// Those that are admitted, where addresses are counted; none is kept at 0.
    private(set) var byAddress: [PeerAddress: Int] = [:]
    /// The same of roles.
    private(set) var byRole: [String: Int] = [:]

    init(limits: Limits) {
        self.limits = limits
    }

    /// `end` gives back what is admitted or refused here.
    ///
    /// - Parameter givesUpOldest: Another one is being closed for it, and will `end` soon.
    mutating func admit(from address: PeerAddress?, givesUpOldest: Bool = false) -> Admission {
        if let perAddressMax = limits.perAddressMax, isFull(of: address) {
            return refuse("all \(perAddressMax) connections that one address may have are in use")
        }
        let admission = admit(givesUpOldest: givesUpOldest)
        if case .admitted = admission { count(address, 1) }
        return admission
    }

    /// Whether one more can be let in only in place of another that has not shown valid credentials.
    func isFullOfStrangers(for address: PeerAddress?) -> Bool {
        limits.asksForCredentials && unauthenticated >= limits.unauthenticatedMax
            && authenticated + unauthenticated < limits.connectionsMax && !isFull(of: address)
    }

    private func isFull(of address: PeerAddress?) -> Bool {
        guard let address, let perAddressMax = limits.perAddressMax else { return false }
        return byAddress[address, default: 0] >= perAddressMax
    }

    private mutating func admit(givesUpOldest: Bool) -> Admission {
        if authenticated + unauthenticated >= limits.connectionsMax {
            return refuse("all \(limits.connectionsMax) connections are in use; try again later")
        }
        guard limits.asksForCredentials else {
            authenticated += 1
            return .admitted(.authenticated)
        }
        if unauthenticated >= limits.unauthenticatedMax + (givesUpOldest ? limits.refusedMax : 0) {
            return refuse(
                "all \(limits.unauthenticatedMax) connections without credentials are in use; try again later")
        }
        unauthenticated += 1
        return .admitted(.unauthenticated)
    }

    private mutating func refuse(_ reason: String) -> Admission {
        guard refused < limits.refusedMax else { return .turnedAway }
        refused += 1
        return .refused(reason: reason)
    }

    mutating func becomeAuthenticated() {
        unauthenticated -= 1
        authenticated += 1
    }

    /// It has shown wrong ones after right ones. No limit is looked at: it is here already.
    mutating func becomeUnauthenticated() {
        authenticated -= 1
        unauthenticated += 1
    }

    /// A connection has shown the credentials of a role, perhaps after those of another.
    ///
    /// - Returns: Whether the role may have one more. Where it may not, nothing has changed.
    mutating func changeRole(from old: String?, to new: String) -> Bool {
        guard limits.unlimitedRole != nil, old != new else { return true }
        if new != limits.unlimitedRole {
            guard byRole[new, default: 0] < limits.perRoleMax else { return false }
            byRole[new, default: 0] += 1
        }
        giveBack(old)
        return true
    }

    /// Of a connection that ends.
    mutating func giveBack(_ role: String?) {
        guard let role, let count = byRole[role] else { return }
        byRole[role] = count == 1 ? nil : count - 1
    }

    private mutating func count(_ address: PeerAddress?, _ change: Int) {
        guard let address, limits.perAddressMax != nil else { return }
        let count = byAddress[address, default: 0] + change
        precondition(count >= 0, "a connection ended twice")
        byAddress[address] = count == 0 ? nil : count
    }

    /// - Parameter address: The one that the connection was admitted from.
    mutating func end(_ standing: Standing, from address: PeerAddress?) {
        if standing != .refused { count(address, -1) }
        switch standing {
        case .unauthenticated: unauthenticated -= 1
        case .authenticated: authenticated -= 1
        case .refused: refused -= 1
        }
        precondition(min(authenticated, unauthenticated, refused) >= 0, "a connection ended twice")
    }
}

extension ConnectionCounts.Limits {
    /// Descriptors that connections leave to everything else: files, pipes, and calls to others.
    static let descriptorReserve = 256
    /// However few descriptors there are.
    static let connectionsFloor = 16
    /// Part of the reserve.
    static let refusedMax = 64

    init(configuration: HTTPServerConfiguration, descriptorLimit: Int, asksForCredentials: Bool) {
        let affordable = max(descriptorLimit - Self.descriptorReserve, Self.connectionsFloor)
        let connectionsMax = min(configuration.connectionsMax, affordable)
        let unauthenticatedMax =
            configuration.unauthenticatedConnectionsMax ?? max(connectionsMax / 4, Self.connectionsFloor)
        self.init(
            connectionsMax: connectionsMax, unauthenticatedMax: min(unauthenticatedMax, connectionsMax),
            perAddressMax: configuration.connectionsPerAddressMax, refusedMax: Self.refusedMax,
            asksForCredentials: asksForCredentials, unlimitedRole: configuration.unlimitedRole,
            perRoleMax: max(connectionsMax / 4, Self.connectionsFloor))
    }
}
