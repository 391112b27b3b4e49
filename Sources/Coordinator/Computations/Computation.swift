package import DataProtocol

/// A function and its arguments, under the key that its result gets.
package struct Computation: Hashable, Sendable {
    package let key: ObjectKey
    package let function: String
    /// Arguments and keywords as one document, which nothing here looks into.
    package let arguments: [UInt8]
    /// Objects that arguments stand for: sorted, each once.
    package let inputs: [ObjectKey]

    /// Computations that are known at once, be they over or not.
    package static let countMax = 200_000
    /// Bytes of one computation's arguments; more is data, which has a key of its own.
    package static let argumentByteCountMax = 1 << 20
    /// The same of all that are known.
    package static let argumentByteCountSumMax = 512 << 20

    package init(key: ObjectKey, function: String, arguments: [UInt8], inputs: some Sequence<ObjectKey>) {
        self.key = key
        self.function = function
        self.arguments = arguments
        self.inputs = Set(inputs).sorted()
    }
}

extension Computation {
    /// Whether it computes the same: which keys its arguments stand for is found anew each time.
    func isSame(as other: Computation) -> Bool { function == other.function && arguments == other.arguments }
}

/// An object at one of its holders.
package struct HeldObject: Hashable, Sendable {
    package let key: ObjectKey
    package let byteCount: Int64
    /// CRC-32C of its bytes; nil where its holder does not tell.
    package let digest: UInt32?

    /// Sums of as many as are known fit 64 bits.
    package static let byteCountMax: Int64 = 1 << 40

    package init(key: ObjectKey, byteCount: Int64, digest: UInt32? = nil) {
        self.key = key
        self.byteCount = byteCount
        self.digest = digest
    }
}

/// Objects that are all at one worker.
package struct ObjectsAtWorker: Hashable, Sendable {
    package let address: String
    package let keys: [ObjectKey]
}

/// What a worker says of one attempt at a computation.
package struct ComputationReport: Hashable, Sendable {
    package let key: ObjectKey
    package let number: Int
    package let outcome: Outcome

    package enum Outcome: Hashable, Sendable {
        /// The worker holds the result.
        case finished(byteCount: Int64, digest: UInt32? = nil, microseconds: Int64)
        case failed(message: String)
        /// Inputs did not come; the message says who was asked.
        case inputsMissing([ObjectKey], message: String)
    }

    package init(key: ObjectKey, number: Int, outcome: Outcome) {
        self.key = key
        self.number = number
        self.outcome = outcome
    }
}

/// Where a key stands.
package enum ComputationStatus: Hashable, Sendable {
    /// Nobody holds it, and no computation is known that makes it.
    case unknown
    case pending
    case running(at: String)
    case finished(byteCount: Int64)
    case failed(message: String)
    case cancelled

    package var isOver: Bool {
        switch self {
        case .pending, .running: false
        case .unknown, .finished, .failed, .cancelled: true
        }
    }
}
