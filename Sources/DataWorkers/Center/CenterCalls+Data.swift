import Center
import Coordinator
import DataProtocol
import LocalMachine
import Model
import WorkerProtocol
import XMLRPC

// Data is spread, brought together, moved and deleted.

extension CenterCalls {
    var scatter: Method {
        .eventual(
            "scatter",
            [
                [.structure, .structure], [.structure, .structure, .array], [.array, .array], [.array, .array, .array],
            ],
            help: """
                Spreads data over workers. Takes a struct of values by key (or an array of [key, value]) and, if it likes, an array of addresses. \
                Answers who has them, as who_has does.
                """, role: .submitter
        ) { parameters in
            let items = try KeyedValues.decode(parameters[0])
            let candidates = try parameters.count > 1 ? Self.addresses(parameters[1]) : nil
            var sizes: [(key: ObjectKey, byteCount: Int64)] = []
            for (key, value) in items { sizes.append((key, Int64(try StoredValue.encode(value).bytes.count))) }
            let placement = try state.read { try $0.placement(of: sizes, among: candidates) }
            let shares = Dictionary(grouping: items) { placement[$0.key] ?? "" }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (address, share) in shares {
                    group.addTask {
                        do {
                            _ = try await state.peers.call(address, "update_data", [KeyedValues.encode(share)])
                        } catch {
                            // One that is gone gets nothing at the next call.
                            await state.probe([], at: address)
                            throw error
                        }
                    }
                }
                try await group.waitForAll()
            }
            return KeyedValues.encode(
                state.read { table in items.map { ($0.key, Self.strings(table.holders(of: $0.key))) } })
        }
    }

    var gather: Method {
        .eventual(
            "gather", [[.structure, .array], [.array, .array]],
            help: """
                Brings values together. Takes an array of keys, and waits for those that are being computed. Answers a struct of values by key. A computation that failed is a \
                fault that says why.
                """
        ) { parameters in
            let keys = Array(Set(try Self.keys(parameters[0])))
            var found: [KeyedValues.Item] = []
            var left = keys
            let end = ContinuousClock.now + Self.gatherMax
            while !left.isEmpty {
                let standings = try await state.standings(of: left, leftMax: 0, until: end)
                try Self.check(standings)
                let (values, trouble) = await bring(left)
                found += values
                let here = Set(values.map(\.key))
                left = left.filter { !here.contains($0) }
                // Its holder is gone, and it is made again, or its holder is only slow: the next look shows.
                if let refusal = trouble as? FinalRefusal { throw refusal.reason }
                if let trouble, ContinuousClock.now > end { throw trouble }
            }
            return KeyedValues.encode(found)
        }
    }

    private struct FinalRefusal: Error {
        let reason: any Error
    }

    private static let gatherMax: Duration = .seconds(50)

    private static func check(_ standings: [(key: ObjectKey, standing: ComputationStatus)]) throws {
        for (key, standing) in standings {
            switch standing {
            case .finished: continue
            case .unknown: throw DataFault.missing(key, asked: ["the center"])
            case .failed(let message): throw DataFault.refused("the computation of \(key) failed: \(message)")
            case .cancelled: throw DataFault.refused("the computation of \(key) was cancelled")
            case .pending, .running:
                throw DataFault.refused("the key \(key) is not there yet; wait for it, and gather then")
            }
        }
    }

    /// - Returns: What came, and why the rest did not.
    private func bring(_ keys: [ObjectKey]) async -> ([KeyedValues.Item], (any Error)?) {
        let shares = state.read { table in
            var shares: [String: [ObjectKey]] = [:]
            for key in keys {
                if let source = table.sources(of: key, for: "").first { shares[source, default: []].append(key) }
            }
            return shares
        }
        return await withTaskGroup(of: Result<[KeyedValues.Item], any Error>.self) { group in
            for (address, share) in shares {
                group.addTask {
                    do {
                        let keys = XMLRPCValue.array(share.map(\.wireValue))
                        return .success(try KeyedValues.decode(try await state.peers.call(address, "get_data", [keys])))
                    } catch {
                        // One that has them all, and answers, will not say otherwise when it is asked again.
                        let isFinal = await state.probe(share, at: address) && error is XMLRPCFault
                        return .failure(isFinal ? FinalRefusal(reason: error) : error)
                    }
                }
            }
            var found: [KeyedValues.Item] = []
            var trouble: (any Error)?
            for await result in group {
                switch result {
                case .success(let items): found += items
                case .failure(let error): if !(trouble is FinalRefusal) { trouble = error }
                }
            }
            return (found, trouble)
        }
    }

    var deleteData: Method {
        .eventual(
            "delete_data", [[.int, .array]],
            help: """
                Deletes objects from all who hold them, and forgets how they were computed. Takes an array of keys. Answers how many of them there were. What computations that \
                are not over need goes when they have had it.
                """, role: .submitter
        ) { parameters in
            let keys = try Self.keys(parameters[0])
            guard case .forgotten(let count, let drops) = try await state.ask({ .forgotten(keys, request: $0) }) else {
                throw DataFault.refused("the center answered something else")
            }
            await withTaskGroup(of: Void.self) { group in
                for drop in drops {
                    group.addTask {
                        // Whoever can't be reached has lost it, or will when it is known to be gone.
                        do { try await state.drop(drop.keys, at: drop.address) } catch {
                            await state.probe(drop.keys, at: drop.address)
                        }
                    }
                }
            }
            return .int(Int32(clamping: count))
        }
    }

    var broadcast: Method {
        .eventual(
            "broadcast", [[.structure, .string, .array]],
            help: """
                Calls a method of every worker. Takes its name and an array of parameters. Answers a struct: for each address a struct with status ('OK' or 'error') \
                and result, or message.
                """, role: .submitter
        ) { parameters in
            guard let method = parameters[0].name(), case .array(let arguments) = parameters[1] else {
                throw DataFault.invalid("broadcast takes a method's name and an array of parameters")
            }
            let addresses = state.read { Array($0.workers.keys) }
            let answers = await withTaskGroup(of: (String, XMLRPCValue).self) { group in
                for address in addresses {
                    group.addTask {
                        do {
                            let result = try await state.peers.call(address, method, arguments)
                            return (address, .structure(["status": "OK", "result": result]))
                        } catch {
                            return (address, .structure(["status": "error", "message": .string("\(error)")]))
                        }
                    }
                }
                return await group.reduce(into: [String: XMLRPCValue]()) { $0[$1.0] = $1.1 }
            }
            return .structure(answers)
        }
    }

    var replicate: Method {
        .eventual(
            "replicate", [[.structure, .array, .int], [.array, .array, .int]],
            help:
                "Has objects copied until so many workers hold each, or all do. Takes an array of keys and a number. Answers who has them.",
            role: .submitter
        ) { parameters in
            let keys = try Self.keys(parameters[0])
            guard let count = parameters[1].asInt, count >= 1 else {
                throw DataFault.invalid("replicate takes a number of holders, 1 or more")
            }
            for key in keys where state.read({ $0.holders(of: key).isEmpty }) {
                throw DataFault.missing(key, asked: ["the center"])
            }
            try await state.carryOut(state.read { $0.replication(of: keys, count: count) })
            return KeyedValues.encode(
                state.read { table in keys.map { ($0, Self.strings(table.holders(of: $0))) } })
        }
    }

    var rebalance: Method {
        .eventual(
            "rebalance", [[.int]],
            help: "Moves objects until all workers hold about as many bytes. Answers how many were moved.",
            role: .submitter
        ) { _ in
            let transfers = state.read { $0.rebalancing() }
            try await state.carryOut(transfers)
            // Each has its copy before the other one goes.
            for (source, moved) in Dictionary(grouping: transfers, by: \.source) {
                try await state.drop(moved.map(\.key), at: source)
            }
            return .int(Int32(clamping: transfers.count))
        }
    }
}
