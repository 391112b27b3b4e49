import Coordinator
import DataProtocol
import Synchronization
import XMLRPC

/// What is on its way to workers: for each one call at a time, in order, with all that has gathered meanwhile.
final class CenterOutbox: Sendable {
    enum Item: Sendable {
        case run(ComputationAttempt)
        case cancel(ObjectKey)
        case drop(ObjectKey)
        case discard(ObjectKey, number: Int)
        case file(name: String, bytes: [UInt8])
    }

    private struct Box {
        var items: [Item] = []
        var isSending = false
    }

    private let boxes: Mutex<[String: Box]> = Mutex([:])
    private let peers: PeerClients

    private static let batchCountMax = 1_000
    /// Of arguments and files in one call.
    private static let batchByteCountMax = 4 << 20
    private static let callMax: Duration = .seconds(20)

    init(_ peers: PeerClients) { self.peers = peers }

    /// - Parameter onFailure: Told why the worker can't be given anything; what was for it is forgotten then.
    func put(_ items: [Item], for address: String, onFailure: @escaping @Sendable (_ reason: String) -> Void) {
        guard !items.isEmpty else { return }
        let mustSend = boxes.withLock { boxes in
            boxes[address, default: Box()].items += items
            guard boxes[address]?.isSending == false else { return false }
            boxes[address]?.isSending = true
            return true
        }
        if mustSend { Task { await send(to: address, onFailure) } }
    }

    /// Forgets what was for the process that was there before.
    func empty(_ address: String) { boxes.withLock { $0[address]?.items = [] } }

    private func send(to address: String, _ onFailure: @Sendable (_ reason: String) -> Void) async {
        while let batch = takeBatch(for: address) {
            do {
                try await send(batch, to: address)
            } catch let fault as XMLRPCFault {
                // It lives. What it will not delete or keep harms nobody; what it will not run must run elsewhere.
                guard case .run = batch.first else { continue }
                empty(address)
                onFailure("it refused to compute: \(fault.message)")
            } catch {
                empty(address)
                onFailure("it can't be reached: \(error)")
            }
        }
    }

    private func takeBatch(for address: String) -> [Item]? {
        boxes.withLock { boxes in
            guard let box = boxes[address], let first = box.items.first else {
                boxes[address] = nil
                return nil
            }
            var (count, byteCount) = (0, 0)
            for item in box.items.prefix(Self.batchCountMax) {
                byteCount += item.byteCount
                guard count == 0 || (item.kind == first.kind && byteCount <= Self.batchByteCountMax) else { break }
                count += 1
            }
            boxes[address]?.items.removeFirst(count)
            return Array(box.items.prefix(count))
        }
    }

    private func send(_ batch: [Item], to address: String) async throws {
        guard let first = batch.first else { return }
        switch first {
        case .run:
            try await call(address, "run_computations", [.array(batch.compactMap(\.attempt))])
        case .cancel: try await call(address, "cancel_computations", [.array(batch.compactMap(\.key))])
        case .drop: try await call(address, "delete_data", [.array(batch.compactMap(\.key)), .boolean(true)])
        case .discard:
            try await call(address, "discard_results", [.array(batch.compactMap(\.discarded))])
        case .file(let name, let bytes): try await call(address, "upload_file", [.string(name), .base64(bytes)])
        }
    }

    /// Twice: a connection that breaks is no worker that is gone, and each of these calls may come again.
    private func call(_ address: String, _ method: String, _ parameters: [XMLRPCValue]) async throws {
        do {
            _ = try await peers.call(address, method, parameters, within: Self.callMax)
        } catch let fault as XMLRPCFault {
            throw fault
        } catch {
            _ = try await peers.call(address, method, parameters, within: Self.callMax)
        }
    }
}

extension CenterOutbox.Item {
    fileprivate enum Kind { case run, cancel, drop, discard, file }

    fileprivate var kind: Kind {
        switch self {
        case .run: .run
        case .cancel: .cancel
        case .drop: .drop
        case .discard: .discard
        case .file: .file
        }
    }

    fileprivate var byteCount: Int {
        switch self {
        case .run(let attempt):
            // Each input with the addresses of its holders.
            attempt.computation.arguments.count
                + attempt.inputs.reduce(0) { $0 + 2 * $1.key.bytes.count + 64 * ($1.holders.count + 1) }
        case .cancel, .drop, .discard: 0
        // Each by itself.
        case .file: CenterOutbox.fileWeight
        }
    }

    fileprivate var key: XMLRPCValue? {
        switch self {
        case .cancel(let key), .drop(let key): key.wireValue
        case .run, .file, .discard: nil
        }
    }

    fileprivate var discarded: XMLRPCValue? {
        guard case .discard(let key, let number) = self else { return nil }
        return .array([key.wireValue, .double(Double(number))])
    }

    fileprivate var attempt: XMLRPCValue? {
        guard case .run(let attempt) = self else { return nil }
        var members: [String: XMLRPCValue] = [
            "key": attempt.computation.key.wireValue, "number": .double(Double(attempt.number)),
            "function": .string(attempt.computation.function), "arguments": .base64(attempt.computation.arguments),
        ]
        if !attempt.inputs.isEmpty {
            members["inputs"] = .array(
                attempt.inputs.map { .array([$0.key.wireValue, .array($0.holders.map { .string($0) })]) })
        }
        return .structure(members)
    }
}

extension CenterOutbox { fileprivate static let fileWeight = batchByteCountMax + 1 }
