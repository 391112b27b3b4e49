/// The routes of a server, the most particular first.
struct RouteTable: Sendable {
    private let routes: [Route]

    /// - Precondition: No two routes have the same path and method.
    init(_ routes: [Route]) {
        self.routes = routes.sorted { RouteTable.isMoreParticular($0.path, $1.path) }
        for (index, route) in self.routes.enumerated() {
            let isDoubled = self.routes[..<index].contains {
                $0.path == route.path && $0.methodNames == route.methodNames
            }
            precondition(!isDoubled, "two routes answer \(route.methodNames) at \(route.path)")
        }
    }

    /// The routes that serve a path, with the parts that follow each route's own.
    func matches(_ path: [String]) -> [(route: Route, components: [String])] {
        routes.compactMap { route in route.path.remainder(of: path).map { (route, $0) } }
    }

    private static func isMoreParticular(_ first: RoutePath, _ second: RoutePath) -> Bool {
        if first.components.count != second.components.count { return first.components.count > second.components.count }
        return !first.takesMore && second.takesMore
    }
}
