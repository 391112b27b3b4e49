/// All launched workers of a master: those that are at work, and the newest of those that are over.
package struct LaunchTable: Sendable {
    private var workers: [LaunchID: LaunchedWorker] = [:]
    private var lastNumber = 0
    /// Whom calls have launched that may be made again.
    private var launchedByKey: [String: [LaunchID]] = [:]

    /// At work at a time.
    package static let aliveMax = 256
    /// Of those that are over.
    package static let endedMax = 1_024

    package init() {}

    /// In the order in which they were launched.
    package var all: [LaunchedWorker] { workers.values.sorted { $0.id < $1.id } }

    package subscript(id: LaunchID) -> LaunchedWorker? { workers[id] }

    package var aliveCount: Int { workers.values.count { !$0.phase.isOver } }

    /// - Parameter name: A number, or an engine's.
    package func worker(named name: String) -> LaunchedWorker? {
        if let number = Int(name) { return workers[LaunchID(number: number)] }
        return workers.values.first { $0.engineID == name }
    }

    /// Those whom a call with that key has launched, as far as they are remembered; nil where there was none.
    package func workers(launchedBy key: String) -> [LaunchedWorker]? {
        launchedByKey[key].map { $0.compactMap { workers[$0] } }
    }

    /// - Parameters:
    ///   - engineIDs: One for each worker, that nobody else has.
    ///   - key: What ``workers(launchedBy:)`` finds them by; nil where nobody asks again.
    package mutating func launch(
        _ order: LaunchOrder, engineIDs: [String], key: String? = nil, now: Int64
    ) throws(LaunchRefusal) -> [LaunchedWorker] {
        let alive = aliveCount
        guard alive + engineIDs.count <= Self.aliveMax else {
            throw .tooMany(alive: alive, wanted: engineIDs.count)
        }
        let launched = engineIDs.map { engineID in
            lastNumber += 1
            let worker = LaunchedWorker(
                id: LaunchID(number: lastNumber), engineID: engineID, order: order, createdAt: now)
            workers[worker.id] = worker
            return worker
        }
        if let key { launchedByKey[key] = launched.map(\.id) }
        return launched
    }

    package mutating func started(_ id: LaunchID, now: Int64) { workers[id]?.start(now: now) }

    package mutating func wrote(_ id: LaunchID, _ bytes: [UInt8]) { workers[id]?.write(bytes) }

    /// - Returns: Those whose processes are to be ended.
    package mutating func stop(_ ids: [LaunchID]) -> [LaunchID] { ids.filter { workers[$0]?.stop() == true } }

    package mutating func ended(_ id: LaunchID, _ end: LaunchEnd, limit: String?, now: Int64) {
        workers[id]?.finish(end, limit: limit, now: now)
        let over = workers.values.filter(\.phase.isOver).map(\.id)
        guard over.count > Self.endedMax else { return }
        for id in over.sorted().prefix(over.count - Self.endedMax) { workers[id] = nil }
        launchedByKey = launchedByKey.filter { $0.value.contains { workers[$0] != nil } }
    }

    /// How those stand whom somebody waits for. One that is forgotten has ended, and nobody knows how: it is left out.
    ///
    /// - Parameter untilDone: Whether they are to succeed; else they are to begin.
    package func standing(of ids: [LaunchID], untilDone: Bool) -> LaunchStanding {
        var standing = LaunchStanding()
        for worker in ids.compactMap({ workers[$0] }) {
            switch worker.standing(untilDone: untilDone) {
            case .reached: standing.reached.append(worker)
            case .missed: standing.missed.append(worker)
            case .underWay: standing.underWay.append(worker)
            }
        }
        return standing
    }
}

/// What has become of the workers that somebody waits for.
package struct LaunchStanding: Hashable, Sendable {
    package internal(set) var reached: [LaunchedWorker] = []
    package internal(set) var missed: [LaunchedWorker] = []
    package internal(set) var underWay: [LaunchedWorker] = []

    package var isSettled: Bool { underWay.isEmpty }
}

/// Why nothing is launched.
package enum LaunchRefusal: Error, Hashable, CustomStringConvertible {
    case tooMany(alive: Int, wanted: Int)

    package var description: String {
        switch self {
        case .tooMany(let alive, let wanted):
            "\(wanted) more launched workers would be \(alive + wanted), and \(LaunchTable.aliveMax) may be at work at a time; stop some, or wait for their ends"
        }
    }
}
