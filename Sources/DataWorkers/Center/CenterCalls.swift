import Center
import DataProtocol
import LocalMachine
import WorkerProtocol
import XMLRPC

/// The methods of a center.
struct CenterCalls {
    let state: CenterState
    let identity: @Sendable () -> XMLRPCValue
    let terminate: @Sendable () -> Void

    static let keyCountMax = 100_000

    var methods: [Method] {
        [
            register, unregister, heartbeat, addKeys, removeKeys, whoHas, hasWhat, coreCounts, services, scatter,
            gather,
            deleteData, broadcast, replicate, rebalance,
            .immediate("identity", [[.structure]], help: "Says who this is. Answers a struct.") { _ in identity() },
            .immediate("ping", [[.string]], help: "Answers 'pong'.") { _ in "pong" },
            .immediate("terminate", [[.string]], help: "Ends this center; its workers go on by themselves.") { _ in
                terminate()
                return "OK"
            },
        ]
    }

    // MARK: Workers

    private var register: Method {
        .immediate(
            "register", [[.structure, .structure]],
            help: """
                Makes a data worker known. Takes a struct: address (string, HOST:PORT), name (string), ncores (int), services (struct: port by name), host (string, \
                equal for workers on one machine, or empty), memory_limit (double: bytes), keys (array of [key, bytes]: what it holds) and, if it \
                serves with TLS, as it must anywhere but on a loopback address, certificate (string: in PEM). Answers a struct: heartbeat_seconds (double) and, \
                unless everybody is let in, token (string: what the center, other workers and clients show it, and it shows to them). A worker at the same address takes the place of the one before it.
                """
        ) { parameters in
            let fields = try Fields(parameters[0], in: "register")
            var services: [String: Int] = [:]
            for (name, port) in try fields.structure("services") {
                guard let port = port.asInt, (1...65_535).contains(port) else {
                    throw DataFault.invalid("service '\(DisplayName.of(Array(name.utf8)))' has no port")
                }
                services[name] = port
            }
            let address = try Self.address(fields.required("address"))
            let profile = CenterProfile(
                address: address, host: try fields.text("host", byteCountMax: 255),
                name: try fields.text("name", byteCountMax: 255),
                coreCount: try fields.int("ncores", in: 1...1_000_000),
                services: services, memoryByteCountMax: try fields.count("memory_limit"))
            try state.peers.note(fields, at: address)
            try state.register(profile, Self.objects(fields.required("keys")))
            var answer: [String: XMLRPCValue] = ["heartbeat_seconds": .double(CenterService.heartbeat.inSeconds)]
            if let token = state.token { answer["token"] = .string(token) }
            return .structure(answer)
        }
    }

    private var unregister: Method {
        .immediate("unregister", [[.string, .string]], help: "Takes a worker out by its address.") { parameters in
            state.unregister(try Self.address(parameters[0]))
            return "OK"
        }
    }

    private var heartbeat: Method {
        .immediate(
            "heartbeat", [[.boolean, .string]],
            help:
                "Says that the worker at that address lives. Answers false when it is not known, and should register again."
        ) { parameters in
            let address = try Self.address(parameters[0])
            return .boolean(
                state.change { table in
                    do { try table.hear(from: address, at: state.now) } catch { return false }
                    return true
                })
        }
    }

    private var addKeys: Method {
        .immediate(
            "add_keys", [[.string, .string, .array]],
            help:
                "Says that the worker at that address holds these now. Takes its address and an array of [key, bytes]."
        ) { parameters in
            let (address, objects) = (try Self.address(parameters[0]), try Self.objects(parameters[1]))
            try state.change { try $0.add(objects, at: address) }
            return "OK"
        }
    }

    private var removeKeys: Method {
        .immediate(
            "remove_keys", [[.string, .string, .array]],
            help: "Says that the worker at that address no longer holds these. Takes its address and an array of keys."
        ) { parameters in
            let (address, keys) = (try Self.address(parameters[0]), try Self.keys(parameters[1]))
            _ = try state.change { try $0.remove(keys, at: address) }
            return "OK"
        }
    }

    // MARK: Questions

    private var whoHas: Method {
        .immediate(
            "who_has", [[.structure], [.array], [.structure, .array], [.array, .array]],
            help: """
                Says who holds these keys, or all that anybody holds. Takes an array of keys, or nothing. Answers a struct: an array of addresses for each key, \
                empty where nobody holds it. Where a key is not text, or two of them are one name, the answer is an array of [key, addresses], here and elsewhere.
                """
        ) { parameters in
            let keys = try parameters.first.map { try Self.keys($0) }
            let items = state.read { table in
                (keys ?? table.keys).map { (key: $0, value: Self.strings(table.holders(of: $0))) }
            }
            return KeyedValues.encode(items)
        }
    }

    private var hasWhat: Method {
        .immediate(
            "has_what", [[.structure], [.structure, .array]],
            help:
                "Says what workers hold. Takes an array of addresses, or nothing for all. Answers a struct: an array of keys for each."
        ) { parameters in
            try perWorker(parameters) { .array($0.keys.sorted().map(\.wireValue)) }
        }
    }

    private var coreCounts: Method {
        .immediate(
            "ncores", [[.structure], [.structure, .array]],
            help:
                "Says how many computations workers run at once. Takes an array of addresses, or nothing for all. Answers a struct of int."
        ) { parameters in
            try perWorker(parameters) { .int(Int32(clamping: $0.profile.coreCount)) }
        }
    }

    private var services: Method {
        .immediate(
            "get_worker_services", [[.structure], [.structure, .array]],
            help:
                "Says which services workers have. Takes an array of addresses, or nothing for all. Answers a struct: for each a struct of ports by name."
        ) { parameters in
            try perWorker(parameters) { worker in
                .structure(worker.profile.services.mapValues { .int(Int32(clamping: $0)) })
            }
        }
    }

    private func perWorker(
        _ parameters: [XMLRPCValue], _ value: (CenterWorker) -> XMLRPCValue
    ) throws -> XMLRPCValue {
        let addresses = try parameters.first.map { try Self.addresses($0) }
        return try state.read { table in
            var members: [String: XMLRPCValue] = [:]
            for address in addresses ?? Array(table.workers.keys) {
                guard let worker = table.workers[address] else { throw CenterError.unknownWorker(address: address) }
                members[address] = value(worker)
            }
            return .structure(members)
        }
    }

    // MARK: Data

    private var scatter: Method {
        .eventual(
            "scatter",
            [
                [.structure, .structure], [.structure, .structure, .array], [.array, .array], [.array, .array, .array],
            ],
            help: """
                Spreads data over workers. Takes a struct of values by key (or an array of [key, value]) and, if it likes, an array of addresses. \
                Answers who has them, as who_has does.
                """
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
                        _ = try await state.peers.call(address, "update_data", [KeyedValues.encode(share)])
                    }
                }
                try await group.waitForAll()
            }
            return KeyedValues.encode(
                state.read { table in items.map { ($0.key, Self.strings(table.holders(of: $0.key))) } })
        }
    }

    private var gather: Method {
        .eventual(
            "gather", [[.structure, .array], [.array, .array]],
            help: "Brings values together. Takes an array of keys. Answers a struct of values by key."
        ) { parameters in
            let keys = try Self.keys(parameters[0])
            var shares: [String: [ObjectKey]] = [:]
            for key in Set(keys) {
                let sources = state.read { $0.sources(of: key, for: "") }
                guard let source = sources.first else { throw DataFault.missing(key, asked: ["the center"]) }
                shares[source, default: []].append(key)
            }
            let found = try await withThrowingTaskGroup(of: [KeyedValues.Item].self) { group in
                for (address, share) in shares {
                    group.addTask {
                        let keys = XMLRPCValue.array(share.map(\.wireValue))
                        return try KeyedValues.decode(try await state.peers.call(address, "get_data", [keys]))
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            return KeyedValues.encode(found)
        }
    }

    private var deleteData: Method {
        .eventual(
            "delete_data", [[.int, .array]],
            help:
                "Deletes objects from all who hold them. Takes an array of keys. Answers how many of them somebody held."
        ) { parameters in
            let keys = Set(try Self.keys(parameters[0]))
            let shares = state.read { table in
                var shares: [String: [ObjectKey]] = [:]
                for key in keys { for holder in table.holders(of: key) { shares[holder, default: []].append(key) } }
                return shares
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (address, share) in shares { group.addTask { try await state.drop(share, at: address) } }
                try await group.waitForAll()
            }
            return .int(Int32(clamping: Set(shares.values.joined()).count))
        }
    }

    private var broadcast: Method {
        .eventual(
            "broadcast", [[.structure, .string, .array]],
            help: """
                Calls a method of every worker. Takes its name and an array of parameters. Answers a struct: for each address a struct with status ('OK' or 'error') \
                and result, or message.
                """
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

    private var replicate: Method {
        .eventual(
            "replicate", [[.structure, .array, .int], [.array, .array, .int]],
            help:
                "Has objects copied until so many workers hold each, or all do. Takes an array of keys and a number. Answers who has them."
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

    private var rebalance: Method {
        .eventual(
            "rebalance", [[.int]],
            help: "Moves objects until all workers hold about as many bytes. Answers how many were moved."
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

    // MARK: Reading

    private static func address(_ value: XMLRPCValue) throws -> String {
        guard let text = value.name(), let place = HostPort(text, defaultHost: ""), !place.host.isEmpty else {
            throw DataFault.invalid("a worker's address is HOST:PORT")
        }
        return text
    }

    private static func addresses(_ value: XMLRPCValue) throws -> [String] {
        guard case .array(let values) = value, values.count <= CenterTable.workerCountMax else {
            throw DataFault.invalid("addresses come as an array of at most \(CenterTable.workerCountMax)")
        }
        return try values.map { try address($0) }
    }

    private static func keys(_ value: XMLRPCValue) throws -> [ObjectKey] {
        let keys = try KeyedValues.keys(value)
        guard keys.count <= keyCountMax else {
            throw DataFault.invalid("\(keys.count) keys in one call; \(keyCountMax) are the most")
        }
        return keys
    }

    private static func objects(_ value: XMLRPCValue) throws -> [(key: ObjectKey, byteCount: Int64)] {
        try KeyedValues.decode(value).map { key, size in
            switch size {
            case .int(let count) where count >= 0: (key, Int64(count))
            case .double(let count) where count >= 0 && count <= 9e15 && count == count.rounded(): (key, Int64(count))
            default: throw DataFault.invalid("the key \(key) comes without a number of bytes")
            }
        }
    }

    private static func strings(_ texts: [String]) -> XMLRPCValue { .array(texts.map { .string($0) }) }
}
