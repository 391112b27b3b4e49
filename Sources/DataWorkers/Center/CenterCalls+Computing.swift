import Coordinator
import DataProtocol
import Functions
import LocalMachine
import Model
import WorkerProtocol
import XMLRPC

// Computations are submitted, waited for and cancelled.

extension CenterCalls {
    private static let submittedCountMax = 10_000
    private static let waitMax: Double = 60
    private static let builtIn = FunctionRegistry()

    var submit: Method {
        .eventual(
            "submit",
            [
                [.string, .string, .array], [.string, .string, .array, .string], [.string, .string, .array, .base64],
                [.string, .string, .array, .string, .structure], [.string, .string, .array, .base64, .structure],
                [.base64, .string, .array, .base64], [.base64, .string, .array, .base64, .structure],
            ],
            help: """
                Has a function computed where its inputs are and a core is free. Takes its name, an array of arguments and, if it likes, the key of the result and a struct of \\
                arguments by name. An argument that is the key of an object or of another computation stands for it, and so does a struct {key: K} at any depth; a struct \\
                {value: V} stands for V. Answers the key. The same computation under the same key runs once.
                """, role: .submitter
        ) { parameters in
            var members: [String: XMLRPCValue] = ["function": parameters[0], "args": parameters[1]]
            if parameters.count > 2, parameters[2] != "" { members["key"] = parameters[2] }
            if parameters.count > 3 { members["kwargs"] = parameters[3] }
            let keys = try await submit([.structure(members)])
            return keys[0].wireValue
        }
    }

    var submitMany: Method {
        .eventual(
            "submit_many", [[.array, .array]],
            help: """
                Submits computations that may need each other, all of them or none. Takes an array of struct: function, args and, if they like, key and kwargs; at most \\
                \(Self.submittedCountMax). Answers an array of their keys.
                """, role: .submitter
        ) { parameters in
            guard case .array(let items) = parameters[0], items.count <= Self.submittedCountMax else {
                throw DataFault.invalid("submit_many takes an array of at most \(Self.submittedCountMax) computations")
            }
            return .array(try await submit(items).map(\.wireValue))
        }
    }

    private struct Draft {
        let key: ObjectKey
        let function: String
        let arguments: [UInt8]
        let argumentKeys: ArgumentKeys
    }

    private func submit(_ items: [XMLRPCValue]) async throws -> [ObjectKey] {
        let drafts = try items.map { try Self.draft($0) }
        let own = Set(drafts.map(\.key))
        let computations = state.shell.read { coordinator in
            drafts.map { draft in
                let meant = draft.argumentKeys.possible.filter {
                    own.contains($0) || coordinator.computationStatus(of: $0) != .unknown
                }
                return Computation(
                    key: draft.key, function: draft.function, arguments: draft.arguments,
                    inputs: draft.argumentKeys.named.union(meant.subtracting([draft.key])))
            }
        }
        _ = try await state.ask { .submitted(computations, request: $0) }
        return drafts.map(\.key)
    }

    private static func draft(_ item: XMLRPCValue) throws -> Draft {
        guard let function = item["function"]?.name(byteCountMax: functionByteCountMax),
            case .array(let arguments) = item["args"] ?? .array([])
        else { throw DataFault.invalid("a computation has a function (string) and args (array)") }
        guard case .structure(let keywords) = item["kwargs"] ?? .structure([:]) else {
            throw DataFault.invalid("kwargs is a struct of arguments by name")
        }
        let key =
            try item["key"].map { try ObjectKey($0) }
            ?? ObjectKey(Array("\(function)-\(MasterRecord.randomHex().prefix(16))".utf8))
        return Draft(
            key: key, function: function, arguments: try ArgumentDocument.encode(arguments, keywords),
            argumentKeys: try ArgumentKeys(arguments, keywords))
    }

    var wait: Method {
        .eventual(
            "wait",
            [
                [.structure, .array, .double], [.structure, .array, .int], [.structure, .array, .double, .int],
                [.structure, .array, .int, .int], [.array, .array, .double], [.array, .array, .int],
                [.array, .array, .double, .int], [.array, .array, .int, .int],
            ],
            help: """
                Waits until keys are over. Takes an array of them, a number of seconds up to \(Int(Self.waitMax)) and, if it likes, how many must be over. Answers a struct for each: \\
                status ('finished', 'error', 'cancelled', 'running', 'pending' or 'unknown'), nbytes (double) and holders (array) of what is there, message of what has failed. \\
                What was lost is made again by being waited for.
                """
        ) { parameters in
            let keys = try Self.keys(parameters[0])
            guard let seconds = parameters[1].asDouble ?? parameters[1].asInt.map({ Double($0) }),
                (0...Self.waitMax).contains(seconds)
            else { throw DataFault.invalid("wait takes 0 to \(Int(Self.waitMax)) seconds; call it again for more") }
            let count = parameters.count > 2 ? parameters[2].asInt ?? 0 : keys.count
            guard count >= 0 else { throw DataFault.invalid("wait takes a number of keys, 0 or more") }
            let distinct = Array(Set(keys))
            let standings = try await state.standings(
                of: distinct, leftMax: max(0, distinct.count - count), until: .now + .seconds(seconds))
            return KeyedValues.encode(standings.map { ($0.key, state.shown($0.key, $0.standing)) })
        }
    }

    var cancel: Method {
        .eventual(
            "cancel", [[.int, .array]],
            help:
                "Cancels computations; those that need them fail. Takes an array of keys. Answers how many were not over.",
            role: .submitter
        ) { parameters in
            let keys = try Self.keys(parameters[0])
            guard case .counted(let count) = try await state.ask({ .cancelled(keys, request: $0) }) else { return 0 }
            return .int(Int32(clamping: count))
        }
    }

    var uploadFile: Method {
        .eventual(
            "upload_file", [[.structure, .string, .base64], [.structure, .string, .string]],
            help: """
                Gives a file with functions to all workers, and to those that register later. Takes its name and its bytes. Answers a struct: for each address 'OK', or why it \\
                has not got it.
                """, role: .submitter
        ) { parameters in
            guard let name = parameters[0].name() else { throw DataFault.invalid("upload_file takes a file's name") }
            guard let bytes = parameters[1].asBytes ?? parameters[1].asString.map({ Array($0.utf8) }) else {
                throw DataFault.invalid("upload_file takes a file's bytes")
            }
            try FunctionName.check(name)
            guard !Self.builtIn.contains(name) else {
                throw DataFault.refused("'\(name)' is a function that is built in; give the file another name")
            }
            try state.keep(name, bytes)
            let addresses = state.read { Array($0.workers.keys) }
            let answers = await withTaskGroup(of: (String, XMLRPCValue).self) { group in
                for address in addresses {
                    group.addTask {
                        do {
                            _ = try await state.peers.call(address, "upload_file", [.string(name), .base64(bytes)])
                            return (address, "OK")
                        } catch {
                            return (address, .string("\(error)"))
                        }
                    }
                }
                return await group.reduce(into: [String: XMLRPCValue]()) { $0[$1.0] = $1.1 }
            }
            return .structure(answers)
        }
    }
}

extension CenterState {
    /// Where keys stand when at most `leftMax` of them are not over, or at `end`. What was lost is made again.
    func standings(
        of keys: [ObjectKey], leftMax: Int, until end: ContinuousClock.Instant
    ) async throws -> [(key: ObjectKey, standing: ComputationStatus)] {
        let first = shell.read { coordinator in
            keys.map { (key: $0, standing: coordinator.computationStatus(of: $0)) }
        }
        // What is over needs no place among those who wait.
        if first.count(where: { !$0.standing.isOver }) <= leftMax { return first }
        while true {
            guard let watcher = watchers.begin() else {
                throw DataFault.refused(
                    "\(CenterWatchers.countMax) calls wait already, which is the most; wait for more keys in one call")
            }
            defer { watchers.end(watcher) }
            let standings = shell.read { coordinator in
                keys.map { (key: $0, standing: coordinator.computationStatus(of: $0)) }
            }
            let open = Set(standings.lazy.filter { !$0.standing.isOver }.map(\.key))
            let left = ContinuousClock.now.duration(to: end)
            guard open.count > leftMax, left > .zero else { return standings }
            let lost = shell.read { coordinator in open.filter { coordinator.isLost($0) } }
            if !lost.isEmpty { submit(.wanted(lost.sorted())) }
            await watchers.wait(watcher, for: open, leftMax: leftMax, within: left)
        }
    }

    func shown(_ key: ObjectKey, _ standing: ComputationStatus) -> XMLRPCValue {
        switch standing {
        case .unknown: return .structure(["status": "unknown"])
        case .pending: return .structure(["status": "pending"])
        case .running(let address): return .structure(["status": "running", "worker": .string(address)])
        case .cancelled: return .structure(["status": "cancelled"])
        case .failed(let message): return .structure(["status": "error", "message": .string(message)])
        case .finished(let byteCount):
            let holders = read { $0.holders(of: key) }
            return .structure([
                "status": "finished", "nbytes": .double(Double(byteCount)),
                "holders": .array(holders.map { .string($0) }),
            ])
        }
    }
}
