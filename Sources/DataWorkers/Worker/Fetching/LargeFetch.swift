import DataProtocol
import DataService
import Objects
import Synchronization
import XMLRPCTransport

/// One large object on its way here, streamed into the store from whichever of its holders gives it.
///
/// A cut transfer goes on at the same byte, at the same holder and then at the next ones, as long as they hold the same content. What
/// comes out with another digest is thrown away, and begun again elsewhere.
struct LargeFetch {
    private let state: DataWorkerState
    private var wanted: FetchPlan.Wanted

    /// So often somebody may be found to hold something else by now than what was described.
    private static let contentCountMax = 8

    /// - Parameter wanted: Its first holder has described the object.
    init(_ state: DataWorkerState, _ wanted: FetchPlan.Wanted) {
        self.state = state
        self.wanted = wanted
    }

    /// - Returns: How many bytes have come.
    /// - Throws: An error that names everybody who was asked; that of the store when it can't take the object.
    mutating func run(_ info: ObjectInfo) async throws -> Int {
        var described: ObjectInfo? = info
        for _ in 0..<Self.contentCountMax {
            guard let info = described else { break }
            if try await bring(info) { return info.byteCount }
            described = await describeAgain()
        }
        for holder in wanted.holders { wanted.troubles.append("\(holder) (holds something else each time)") }
        throw DataFault.notBrought(wanted.key, asked: wanted.troubles)
    }

    /// - Returns: False when nobody gives that content. Those who hold other content are then left as holders.
    private mutating func bring(_ info: ObjectInfo) async throws -> Bool {
        let transfer = Transfer(path: ObjectPath.of(wanted.key), entityTag: info.entityTag)
        var destination = try await makeDestination(info)
        var giverCount = 0
        var others: [String] = []
        while let holder = wanted.holders.first {
            let byteCount = destination.byteCount
            do {
                try await state.peers.withClient(of: holder) { [destination] client in
                    try await transfer.bringRest(of: Int64(info.byteCount), from: client, into: destination)
                }
            } catch {
                if let failure = destination.failure { throw failure }
                if destination.byteCount > byteCount { giverCount += 1 }
                wanted.holders.removeFirst()
                if case TransportError.httpStatus(412, _) = error {
                    others.append(holder)
                } else {
                    wanted.troubles.append("\(holder) (\(error))")
                }
                continue
            }
            if try await finish(destination.writer, info) { return true }
            // Of several who gave parts nobody knows who is wrong: then this one is asked for all of it.
            if giverCount == 0 {
                wanted.holders.removeFirst()
                wanted.troubles.append("\(holder) (sent bytes with another digest than it told of)")
            }
            giverCount = 0
            destination = try await makeDestination(info)
        }
        wanted.holders = others[...]
        return false
    }

    /// - Returns: What the first holder who has anything has now.
    private mutating func describeAgain() async -> ObjectInfo? {
        while let holder = wanted.holders.first {
            do {
                let message = try await state.peers.objects([wanted.key], at: holder, smallByteCountMax: 0).first
                if let message = message.flatMap(\.self) { return message.info }
                wanted.troubles.append("\(holder) (does not have it)")
            } catch {
                wanted.troubles.append("\(holder) (\(error))")
            }
            wanted.holders.removeFirst()
        }
        return nil
    }

    private func makeDestination(_ info: ObjectInfo) async throws -> ObjectDestination {
        let (store, key) = (state.store, wanted.key)
        // Others may have to be written to files first.
        return ObjectDestination(
            try await state.peers.threads.runBlocking {
                try store.makeWriter(key, tag: info.tag, byteCount: info.byteCount, replaces: true)
            })
    }

    /// - Returns: False when the bytes are not those that were told of.
    private func finish(_ writer: ObjectWriter, _ info: ObjectInfo) async throws -> Bool {
        try await state.peers.threads.runBlocking {
            do throws(ObjectStoreError) {
                try writer.finish(expectedDigest: info.digest)
                return true
            } catch {
                guard case .wrongDigest = error else { throw error }
                return false
            }
        }
    }
}

/// An object in a store that is being written, as the end of a transfer.
final class ObjectDestination: ResumableDestination {
    let writer: ObjectWriter
    private let firstFailure: Mutex<ObjectStoreError?> = Mutex(nil)

    init(_ writer: ObjectWriter) { self.writer = writer }

    var byteCount: Int64 { Int64(writer.byteCount) }

    /// Why the store takes no more.
    var failure: ObjectStoreError? { firstFailure.withLock { $0 } }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws {
        do throws(ObjectStoreError) {
            try writer.append(bytes, at: Int(offset))
        } catch {
            firstFailure.withLock { $0 = $0 ?? error }
            throw BodyRefusal(error.httpStatus, "\(error)")
        }
    }
}

extension ObjectStoreError {
    /// Of an answer that says why an object was not taken, or is not given.
    var httpStatus: Int {
        switch remedy {
        case .makeRoom: 507
        case .tryLater: 503
        case .mendDisk: 500
        case .replace, .goOn: 409
        case .sendAgain: 422
        case .readRanges: 413
        case .makeAgain: 410
        }
    }
}
