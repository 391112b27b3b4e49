import Access
import Joining
import LocalMachine
import Testing
import XMLRPC
import XMLRPCTransport

/// A center with its data workers, for tests.
struct DataCluster {
    let cluster: Cluster

    /// The state folder that its center leaves word in.
    var state = "state"

    /// What a center of another machine is joined with.
    func joinLine() throws -> JoinLine {
        let names = Files.texts(in: cluster.path(state)).filter { $0.hasSuffix(".join") }
        guard let name = names.first, names.count == 1 else { throw DidNotHappen(description: "join lines: \(names)") }
        return try JoinLine(String(decoding: Files.read(cluster.path("\(state)/\(name)")), as: UTF8.self))
    }

    func record(at address: String) throws -> MasterRecord {
        let place = try #require(HostPort(address, defaultHost: ""))
        return try #require(
            try MasterRecord.read(in: StateDirectory(path: cluster.path(state)), host: place.host, port: place.port))
    }

    private static let threads = TransportThreads(eventLoopCount: 1, blockingThreadCount: 1)

    /// Calls a center or a worker as a program of its user does.
    ///
    /// - Parameter secret: nil for the one that it has left.
    func call(
        _ address: String, _ method: String, _ parameters: [XMLRPCValue], showing secret: String? = nil
    ) async throws -> XMLRPCValue {
        let place = try #require(HostPort(address, defaultHost: ""))
        let client = try MasterEntry.record(place).door(environment: ["MR_STATE_DIR": cluster.path(state)])
            .client(threads: Self.threads)
        defer { client.closeSoon() }
        let shown = secret.map { client.showing("Bearer \($0)") } ?? client
        return try await shown.call(method, parameters, timeout: .seconds(30))
    }

    /// Waits until a center that was started again has heard of its workers, and gathers that.
    func gathers(_ values: [String: XMLRPCValue], at address: String) async throws {
        let keys = XMLRPCValue.array(values.keys.sorted().map { .string($0) })
        try await eventually("the center to gather \(values)") {
            do {
                return try await call(address, "gather", [keys]) == .structure(values)
            } catch is XMLRPCFault {
                return false
            }
        }
    }

    /// - Returns: The text of the fault.
    func fault(_ address: String, _ method: String, _ parameters: [XMLRPCValue]) async throws -> String {
        do {
            let answer = try await call(address, method, parameters)
            throw DidNotHappen(description: "no fault of \(method), but \(answer)")
        } catch let fault as XMLRPCFault {
            return fault.message
        }
    }

    /// - Returns: Where each of them serves.
    static func registered(_ workers: [ChildProcess], at center: String) async throws -> [String] {
        var addresses: [String] = []
        for worker in workers {
            addresses.append(try await worker.rest(ofLine: "Start worker at "))
            #expect(try await worker.rest(ofLine: "Registered with center at ") == center)
        }
        return addresses
    }

    static func conversation(
        _ center: String, _ workers: [String], token: String, certificate: String? = nil
    ) -> [String] {
        let script = "\(Programs.package)/Tests/IntegrationTests/Python/data_workers.py"
        return [Programs.python3 ?? "", script, center] + workers + [token] + (certificate.map { [$0] } ?? [])
    }

    static func expectWell(_ python: ChildProcess, says: String = "all as it should be") {
        #expect(python.exit == .code(0), "\(python.standardError)")
        #expect(String(decoding: python.standardOutput, as: UTF8.self) == "\(says)\n")
    }

    static func end(_ process: ChildProcess, by signal: Int32) async throws {
        process.signal(signal)
        #expect(try await process.waitForExit() == .code(0), "\(process.standardError)")
    }
}
