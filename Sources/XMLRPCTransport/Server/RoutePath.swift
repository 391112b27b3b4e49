/// A route's path: exact, or everything below one.
struct RoutePath: Hashable, Sendable {
    let components: [String]
    let takesMore: Bool

    /// - Precondition: `path` begins with "/"; a "*" stands only as the last part.
    init(_ path: String) {
        precondition(path.hasPrefix("/"), "a route's path begins with /, unlike \(path)")
        var parts = path.split(separator: "/").map(String.init)
        takesMore = parts.last == "*"
        if takesMore { parts.removeLast() }
        precondition(!parts.contains { $0.contains("*") }, "* stands only at the end of a route, unlike in \(path)")
        components = parts
    }

    /// The parts that follow the route's own, or nil when `path` isn't the route's.
    func remainder(of path: [String]) -> [String]? {
        guard path.starts(with: components) else { return nil }
        let rest = Array(path.dropFirst(components.count))
        return takesMore == rest.isEmpty ? nil : rest
    }
}
