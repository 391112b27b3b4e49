import LocalMachine
import Model
import WorkerProtocol
import XMLRPC
import XMLRPCTransport

/// Finds the master's credential and speaks its methods; one for as long as the worker is registered with one master.
final class MasterLink: Sendable {
    let client: HTTPClient
    private let record: MasterRecord?

    /// Beyond the time that an answer may be held back.
    static let answerMax: Duration = .seconds(10)

    init(_ configuration: WorkerConfiguration, threads: TransportThreads) throws {
        record = try Self.record(of: configuration)
        client = HTTPClient(
            host: configuration.master.host, port: configuration.master.port,
            authorization: record?.token.map { "Bearer \($0)" }, threads: threads)
    }

    static func record(of configuration: WorkerConfiguration) throws -> MasterRecord? {
        let directory = try StateDirectory.ofUser(environment: configuration.environment)
        return try MasterRecord.read(
            in: directory, host: configuration.master.host, port: configuration.master.port)
    }

    /// The credential for workers' data ports, which is the master's token.
    var token: String? { record?.token }

    func register(_ request: RegisterRequest) async throws -> RegisterAnswer {
        try RegisterAnswer(await client.call(MethodName.register, [request.value], timeout: Self.answerMax))
    }

    /// - Parameter known: What an earlier answer said of the job.
    func poll(_ request: PollRequest, known: JobMessage?) async throws -> PollResponse {
        let timeout = request.waitMax + Self.answerMax
        return try PollResponse(await client.call(MethodName.poll, [request.value], timeout: timeout), known: known)
    }

    func leave(_ worker: WorkerID, instance: String) async throws {
        let parameters: [XMLRPCValue] = [.int(Int32(worker.number)), .string(instance)]
        _ = try await client.call(MethodName.leave, parameters, timeout: .seconds(2))
    }
}
