import Joining
import LocalMachine
import Model
import WorkerProtocol
import XMLRPC
import XMLRPCTransport

/// Speaks a master's methods; one for as long as the worker is registered with one master.
struct MasterLink: Sendable {
    let client: HTTPClient
    let door: MasterDoor
    /// Workers show each other tickets.
    let hasSession: Bool

    /// Beyond the time that an answer may be held back.
    static let answerMax: Duration = .seconds(10)

    init(_ door: MasterDoor, threads: TransportThreads) {
        self.door = door
        hasSession = false
        client = door.client(threads: threads)
    }

    private init(_ other: MasterLink, client: HTTPClient) {
        door = other.door
        hasSession = true
        self.client = client
    }

    /// The same connections with the token of a session in place of what it was bought with.
    func showing(_ session: SessionMessage?) -> MasterLink {
        guard let session else { return self }
        return MasterLink(self, client: client.showing("Bearer \(session.token)"))
    }

    func register(_ request: RegisterRequest) async throws -> RegisterAnswer {
        try RegisterAnswer(await client.call(MethodName.register, [request.value], timeout: Self.answerMax))
    }

    /// - Parameter known: What earlier answers said of jobs.
    func poll(_ request: PollRequest, known: [JobID: JobMessage]) async throws -> PollResponse {
        let timeout = request.waitMax + Self.answerMax
        return try PollResponse(await client.call(MethodName.poll, [request.value], timeout: timeout), known: known)
    }

    func leave(_ worker: WorkerID, instance: String) async throws {
        let parameters: [XMLRPCValue] = [.int(Int32(worker.number)), .string(instance)]
        _ = try await client.call(MethodName.leave, parameters, timeout: .seconds(2))
    }
}
