import Glibc
import Testing
import XMLRPC

/// Launched workers of a cluster's master.
extension Cluster {
    /// - Returns: Their structs, as they were launched.
    @discardableResult
    func launch(_ order: [String: XMLRPCValue]) async throws -> [XMLRPCValue] {
        let order = order.merging(["folder": .string(folder.path)]) { own, _ in own }
        return try #require(try await call("launch_workers", [.structure(order)]).asArray)
    }

    /// Launches Python text.
    @discardableResult
    func launch(code: String, _ order: [String: XMLRPCValue] = [:]) async throws -> [XMLRPCValue] {
        try await launch(order.merging(["code": .string(code)]) { own, _ in own })
    }

    /// Waits for the ends of all, whatever they are.
    func launchedAtEnd(within limit: Duration = Deadline.usual) async throws -> [XMLRPCValue] {
        _ = try await call(
            "await_workers", [.array([]), .boolean(true), .double(limit / .seconds(1))], within: limit + .seconds(5))
        return try #require(try await call("list_workers", []).asArray)
    }

    /// What a launched worker has written, once that has a whole line.
    func outputLine(of worker: XMLRPCValue) async throws -> String {
        let id = try #require(worker["id"]?.asInt)
        return try await eventually("a line of launched worker \(id)") {
            let all = try await call("list_workers", []).asArray ?? []
            let text = all.first { $0["id"]?.asInt == id }?.launchedOutput ?? ""
            return text.contains("\n") ? String(text.prefix { $0 != "\n" }) : nil
        }
    }

    /// For Python programs that import the modules of Clients/python and find the master by themselves.
    var clientEnvironment: [String: String] {
        var environment = environment
        environment["PYTHONPATH"] = "\(Programs.package)/Clients/python"
        environment["MR_MASTER"] = address.description
        return environment
    }
}

extension XMLRPCValue {
    var launchedOutput: String { String(decoding: self["output"]?.asBytes ?? [], as: UTF8.self) }

    var launchedStatus: String { self["status"]?.asString ?? "" }
}

/// Whether a process with that number is there, and is no zombie.
func isAlive(_ process: pid_t) -> Bool {
    guard let text = try? Files.read("/proc/\(process)/stat") else { return false }
    let fields = String(decoding: text, as: UTF8.self).split(separator: ")").last ?? ""
    return !fields.hasPrefix(" Z") && !fields.hasPrefix(" X")
}
