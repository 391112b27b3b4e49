import LocalMachine
import XMLRPC
import XMLRPCTransport

/// A real `mr-master` on a port that nobody knows but the front before it.
final class TrialMaster: Sendable {
    let process: TrialProcess
    let record: MasterRecord
    let port: Int
    private let client: HTTPClient

    private static let callMax: Duration = .seconds(10)
    private static let host = "127.0.0.1"

    /// - Parameters:
    ///   - port: Where an earlier one listened; 0 for the first.
    ///   - startMax: Until it has left word of itself.
    static func start(
        _ program: String, _ arguments: [String], port: Int, state: StateDirectory, environment: [String: String],
        log: String, threads: TransportThreads, startMax: Duration
    ) async throws -> TrialMaster {
        let command = [program, "--listen", "\(host):\(port)"] + arguments
        let process = try TrialProcess(
            command.map { Array($0.utf8) }, environment: environment, log: log)
        let deadline = ContinuousClock.now + startMax
        while ContinuousClock.now < deadline, process.exit == nil {
            for place in state.masters {
                let record = try MasterRecord.read(in: state, host: place.host, port: place.port)
                guard let record, record.processID == process.pid else { continue }
                return TrialMaster(process, record, port: place.port, threads: threads)
            }
            try await Task.sleep(for: Stage.lookInterval)
        }
        process.kill()
        throw StageError("\(program) did not start: \(process.lastWords)")
    }

    private init(_ process: TrialProcess, _ record: MasterRecord, port: Int, threads: TransportThreads) {
        self.process = process
        self.record = record
        self.port = port
        client = HTTPClient(
            host: Self.host, port: port, authorization: record.token.map { "Bearer \($0)" }, threads: threads)
    }

    /// As its owner.
    func call(_ method: String, _ parameters: [XMLRPCValue] = []) async throws -> XMLRPCValue {
        try await client.call(method, parameters, timeout: Self.callMax)
    }

    func end() async {
        process.kill()
        await client.close()
    }
}
