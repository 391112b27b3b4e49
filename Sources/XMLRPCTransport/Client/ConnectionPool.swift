import NIOCore
import Synchronization

/// A client's open connections: those in use are only counted, those that are idle wait here, the latest used first.
final class ConnectionPool: Sendable {
    struct IdleConnection: Sendable {
        let channel: any Channel
        let handler: NIOLoopBound<ClientConnection>
        let since: NIODeadline
    }

    private struct State {
        var idle: [IdleConnection] = []
        var open: [ObjectIdentifier: any Channel] = [:]
        var openingCount = 0
        var isClosed = false
    }

    private let configuration: HTTPClientConfiguration
    private let state = Mutex(State())

    init(configuration: HTTPClientConfiguration) {
        self.configuration = configuration
    }

    /// An idle connection, or nil when a new one must be opened, for which there is then room: `opened` or
    /// `openingFailed` must follow.
    func take(reusesIdle: Bool, now: NIODeadline) throws(TransportError) -> IdleConnection? {
        let oldest = now - TimeAmount(configuration.idleTimeout)
        let (result, expired) = state.withLock { state -> (Result<IdleConnection?, TransportError>, [IdleConnection]) in
            if state.isClosed { return (.failure(.clientClosed), []) }
            let firstFresh = state.idle.firstIndex { $0.since >= oldest } ?? state.idle.endIndex
            let expired = Array(state.idle[..<firstFresh])
            state.idle.removeFirst(firstFresh)
            if reusesIdle, let connection = state.idle.popLast() { return (.success(connection), expired) }
            guard state.open.count + state.openingCount < configuration.connectionsMax else {
                return (.failure(.tooManyConnections(connectionsMax: configuration.connectionsMax)), expired)
            }
            state.openingCount += 1
            return (.success(nil), expired)
        }
        for connection in expired { connection.channel.close(promise: nil) }
        return try result.get()
    }

    /// False when the client has been closed meanwhile: the channel must be closed.
    func opened(_ channel: any Channel) -> Bool {
        state.withLock { state in
            state.openingCount -= 1
            state.open[ObjectIdentifier(channel)] = channel
            return !state.isClosed
        }
    }

    func openingFailed() {
        state.withLock { $0.openingCount -= 1 }
    }

    /// False when the connection isn't wanted any more and must be closed.
    func putBack(_ connection: IdleConnection) -> Bool {
        state.withLock { state in
            guard !state.isClosed, state.idle.count < configuration.idleConnectionsMax else { return false }
            state.idle.append(connection)
            return true
        }
    }

    func closed(_ channel: any Channel) {
        state.withLock { state in
            state.open[ObjectIdentifier(channel)] = nil
            state.idle.removeAll { $0.channel === channel }
        }
    }

    var isClosed: Bool { state.withLock(\.isClosed) }

    /// Every channel that is open; no new one will be.
    func close() -> [any Channel] {
        state.withLock { state in
            state.isClosed = true
            state.idle = []
            return Array(state.open.values)
        }
    }
}
