package import DataProtocol

/// What a data worker says of itself when it registers with a center.
package struct CenterProfile: Hashable, Sendable {
    /// `HOST:PORT` where it answers calls: what others know it by.
    package let address: String
    /// Equal for workers on one running machine; empty when unknown.
    package let host: String
    /// For people.
    package let name: String
    /// Computations that it runs at once, 1 or more.
    package let coreCount: Int
    /// Ports of its other services by their names, such as `http`.
    package let services: [String: Int]
    /// Bytes that its objects may take in memory.
    package let memoryByteCountMax: Int64
    /// Another for each process; empty when unknown.
    package let instance: String

    package init(
        address: String, host: String, name: String, coreCount: Int, services: [String: Int],
        memoryByteCountMax: Int64, instance: String = ""
    ) {
        self.address = address
        self.host = host
        self.name = name
        self.coreCount = coreCount
        self.services = services
        self.memoryByteCountMax = memoryByteCountMax
        self.instance = instance
    }
}

/// A data worker as a center knows it.
package struct CenterWorker: Hashable, Sendable {
    package let profile: CenterProfile
    package internal(set) var lastHeard: CenterTime
    package internal(set) var keys: Set<ObjectKey> = []
    /// Of all its objects.
    package internal(set) var byteCount: Int64 = 0
}

/// A moment of a center's clock, which never goes back and says nothing of the day.
package struct CenterTime: Hashable, Comparable, Sendable {
    package let sinceStart: Duration

    package init(_ sinceStart: Duration) { self.sinceStart = sinceStart }

    package static func < (left: CenterTime, right: CenterTime) -> Bool { left.sinceStart < right.sinceStart }
}

/// What does not agree with what a center knows.
package enum CenterError: Error, Hashable, Sendable, CustomStringConvertible {
    case unknownWorker(address: String)
    case wrongSize(ObjectKey, byteCount: Int64, known: Int64)
    case noWorkers
    case tooManyWorkers(countMax: Int)
    case tooManyKeys(countMax: Int)

    package var description: String {
        switch self {
        case .unknownWorker(let address):
            "no worker is registered at \(address); register it, and name its keys"
        case .wrongSize(let key, let byteCount, let known):
            "the key \(key) was said to hold \(byteCount) bytes, and its other holders have \(known): objects don't change; delete it everywhere first"
        case .noWorkers: "no worker is registered; start one with mr-worker --center"
        case .tooManyWorkers(let countMax): "\(countMax) workers are registered, which is the most; unregister some"
        case .tooManyKeys(let countMax): "\(countMax) keys are known, which is the most; delete some"
        }
    }
}
