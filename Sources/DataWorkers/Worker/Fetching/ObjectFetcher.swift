import DataProtocol
import Objects
import XMLRPC
import XMLRPCTransport

/// Brings in objects that others hold: many small ones with each call, several holders at once, and large ones by themselves.
struct ObjectFetcher: Sendable {
    let state: DataWorkerState

    private enum Outcome: Sendable {
        case answered(FetchPlan.Batch, [FetchPlan.Answer])
        case lost(FetchPlan.Batch, String)
        case transferred
    }

    /// Settles the fetch of each.
    func run(_ wanted: [FetchPlan.Wanted]) async {
        var plan = FetchPlan()
        await withTaskGroup(of: Outcome.self) { group in
            carryOut(plan.add(wanted), in: &group)
            while true {
                while let batch = plan.next() { group.addTask { await ask(batch) } }
                guard let outcome = await group.next() else { break }
                switch outcome {
                case .answered(let batch, let answers): carryOut(plan.ended(batch, answers), in: &group)
                case .lost(let batch, let trouble): carryOut(plan.lost(batch, trouble), in: &group)
                case .transferred: break
                }
            }
        }
    }

    private func carryOut(_ verdicts: [FetchPlan.Verdict], in group: inout TaskGroup<Outcome>) {
        for verdict in verdicts {
            switch verdict {
            case .failed(let wanted):
                state.fetches.settle(wanted.key, .failure(DataFault.notBrought(wanted.key, asked: wanted.troubles)))
            case .transfer(let wanted, let info):
                group.addTask {
                    await transfer(wanted, info)
                    return .transferred
                }
            }
        }
    }

    private func transfer(_ wanted: FetchPlan.Wanted, _ info: ObjectInfo) async {
        var transfer = LargeFetch(state, wanted)
        let result: Result<Void, any Error>
        do {
            let byteCount = try await state.transferPlaces.take { try await transfer.run(info) }
            await state.announceFetched([(wanted.key, byteCount)])
            result = .success(())
        } catch {
            result = .failure(error)
        }
        state.fetches.settle(wanted.key, result)
    }

    // MARK: Many at once

    private func ask(_ batch: FetchPlan.Batch) async -> Outcome {
        let messages: [ObjectMessage?]
        do {
            messages = try await state.peers.objects(
                batch.wanted.map(\.key), at: batch.holder, smallByteCountMax: DataWorkerState.smallByteCountMax)
        } catch {
            return .lost(batch, "\(error)")
        }
        let keys = batch.wanted.map(\.key)
        let kept = await keep(messages, keys)
        // Whoever never sends small ones along is asked for them as for large ones.
        let hasBrought = kept.contains { $0 != nil }
        let answers = zip(messages, kept).map { message, kept -> FetchPlan.Answer in
            guard let message else { return .trouble("does not have it") }
            switch kept {
            case nil where message.bytes != nil: return .trouble("sent other bytes than it told of")
            case nil where hasBrought && message.info.byteCount <= DataWorkerState.smallByteCountMax: return .left
            case nil: return .large(message.info)
            case .success, .failure: return .settled
            }
        }
        await state.announceFetched(
            zip(keys, zip(messages, kept)).compactMap { key, result in
                guard case (let message?, .success) = result else { return nil }
                return (key, message.info.byteCount)
            })
        for (key, result) in zip(keys, kept) { if let result { state.fetches.settle(key, result) } }
        return .answered(batch, answers)
    }

    /// - Returns: For each what became of its bytes; nil where there are none, or others than they should be.
    private func keep(_ messages: [ObjectMessage?], _ keys: [ObjectKey]) async -> [Result<Void, any Error>?] {
        do {
            return try await state.peers.threads.runBlocking { [store = state.store] in
                zip(messages, keys).map { message, key in
                    guard let message, let bytes = message.bytes, message.isWhole else { return nil }
                    return Result { try store.put(key, tag: message.info.tag, bytes: bytes, replaces: true) }.map { _ in
                    }
                }
            }
        } catch {
            return keys.map { _ in .failure(error) }
        }
    }
}

extension PeerClients {
    /// What a holder tells of objects, one for each key; nil for what it does not have.
    ///
    /// - Parameter smallByteCountMax: Those of at most so many bytes come with it, as far as the answer has room.
    func objects(
        _ keys: [ObjectKey], at holder: String, smallByteCountMax: Int
    ) async throws -> [ObjectMessage?] {
        let answer = try await call(
            holder, "get_objects", [.array(keys.map(\.wireValue)), .int(Int32(clamping: smallByteCountMax))])
        guard case .array(let values) = answer, values.count == keys.count else {
            throw DataFault.refused("it tells of other objects than it was asked for")
        }
        return try values.map { try ObjectMessage.read($0) }
    }
}
