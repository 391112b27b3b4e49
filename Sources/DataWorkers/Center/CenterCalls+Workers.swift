import Center
import Coordinator
import DataProtocol
import LocalMachine
import Model
import WorkerProtocol
import XMLRPC

// What data workers tell of themselves.

extension CenterCalls {
    var register: Method {
        .eventual(
            "register", [[.structure, .structure]],
            help: """
                Makes a data worker known. Takes a struct: address (string, HOST:PORT), name (string), ncores (int), services (struct: port by name), host (string, \
                equal for workers on one machine, or empty), memory_limit (double: bytes), keys (array as of add_keys: what it holds) and, if it likes, instance (string: another for each process) and, if it \
                serves with TLS, as it must anywhere but on a loopback address, certificate (string: in PEM). Before that it asks for the secret that others will show it (\(PeerKeyCalls.secret)). Answers a struct: heartbeat_seconds (double) and refused (array of keys that are not what they should be any more, which the worker is to delete). A worker at the same address takes the place of the one before it.
                """, role: .worker
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
                services: services, memoryByteCountMax: try fields.count("memory_limit"),
                instance: fields.has("instance") ? try fields.text("instance", byteCountMax: 255) : "")
            let objects = try Self.objects(fields.required("keys"))
            try state.peers.note(fields, at: address)
            // One that only tells once more still has what was on its way to it.
            if profile.instance.isEmpty || state.read({ $0.workers[address]?.profile.instance }) != profile.instance {
                state.welcome(address)
            }
            let reply = try await state.ask { .workerRegistered(profile, holding: objects, request: $0) }
            return .structure([
                "heartbeat_seconds": .double(CenterService.heartbeat.inSeconds), "refused": Self.refused(reply),
            ])
        }
    }

    var unregister: Method {
        .eventual(
            "unregister", [[.string, .string]], help: "Takes a worker out by its address.", role: .worker
        ) { parameters in
            let address = try Self.address(parameters[0])
            _ = try await state.ask { .workerLeft(address: address, request: $0) }
            return "OK"
        }
    }

    var heartbeat: Method {
        .eventual(
            "heartbeat", [[.boolean, .string]],
            help:
                "Says that the worker at that address lives. Answers false when it is not known, and should register again.",
            role: .worker
        ) { parameters in
            let address = try Self.address(parameters[0])
            return .boolean(try await state.ask { .workerHeard(address: address, request: $0) } == .done)
        }
    }

    var addKeys: Method {
        .eventual(
            "add_keys", [[.array, .string, .array]],
            help: """
                Says that the worker at that address holds these now. Takes its address and an array of [key, bytes] or [key, [bytes, digest]] (digest: string, CRC-32C in \
                hexadecimal). Answers an array of those keys under which others hold something else: the worker is to delete them.
                """, role: .worker
        ) { parameters in
            let (address, objects) = (try Self.address(parameters[0]), try Self.objects(parameters[1]))
            return Self.refused(
                try await state.tell(of: address) { .objectsAdded(objects, address: address, request: $0) })
        }
    }

    private static func refused(_ reply: ComputationReply) -> XMLRPCValue {
        guard case .kept(let refused) = reply else { return .array([]) }
        return .array(refused.map(\.wireValue))
    }

    var claimKey: Method {
        .eventual(
            "claim_key", [[.string, .string, .structure]],
            help: """
                Asks whether the worker at that address may compute this by itself. Takes its address and a struct: key, function (string) and arguments (base64), as for \
                record_computation. A key that belongs to something else is a fault.
                """, role: .worker
        ) { parameters in
            let address = try Self.address(parameters[0])
            let computation = try Self.computation(Fields(parameters[1], in: "claim_key"), inputs: [])
            if let reason = state.shell.read({ $0.objection(to: computation, from: address) }) {
                throw DataFault.refused(reason)
            }
            return "OK"
        }
    }

    private static func computation(_ fields: Fields, inputs: [ObjectKey]) throws -> Computation {
        Computation(
            key: try ObjectKey(fields.required("key")),
            function: try fields.text("function", byteCountMax: functionByteCountMax),
            arguments: try fields.bytes("arguments", byteCountMax: Computation.argumentByteCountMax), inputs: inputs)
    }

    var removeKeys: Method {
        .eventual(
            "remove_keys", [[.string, .string, .array]],
            help: "Says that the worker at that address no longer holds these. Takes its address and an array of keys.",
            role: .worker
        ) { parameters in
            let (address, keys) = (try Self.address(parameters[0]), try Self.keys(parameters[1]))
            _ = try await state.tell(of: address) { .objectsRemoved(keys, address: address, request: $0) }
            return "OK"
        }
    }

    var recordComputation: Method {
        .eventual(
            "record_computation", [[.string, .string, .structure]],
            help: """
                Says that the worker at that address has computed something by itself, and how. Takes its address and a struct: key, nbytes (double), digest (string, if it likes), function (string), \
                arguments (base64: the document of a call with an array and a struct) and inputs (array of keys that arguments stand for).
                """, role: .worker
        ) { parameters in
            let address = try Self.address(parameters[0])
            let fields = try Fields(parameters[1], in: "record_computation")
            let computation = try Self.computation(fields, inputs: KeyedValues.keys(fields.required("inputs")))
            let object = try Self.object(computation.key, fields.required("nbytes"), digest: parameters[1]["digest"])
            _ = try await state.tell(of: address) { .computed(computation, object, address: address, request: $0) }
            return "OK"
        }
    }

    var computationsEnded: Method {
        .eventual(
            "computations_ended", [[.string, .string, .array]],
            help: """
                Says what has come of computations that the center gave to the worker at that address. Takes its address and an array of struct: key, number (double: of the \
                attempt), and nbytes and microseconds (double) and digest where it has a result, else message (string), with missing (array of keys) where inputs did not come.
                """, role: .worker
        ) { parameters in
            let address = try Self.address(parameters[0])
            guard case .array(let items) = parameters[1], items.count <= Self.keyCountMax else {
                throw DataFault.invalid("computations_ended takes an array of at most \(Self.keyCountMax)")
            }
            let reports = try items.map { try Self.report($0) }
            _ = try await state.tell(of: address) { .attemptsEnded(reports, address: address, request: $0) }
            return "OK"
        }
    }

    var missingData: Method {
        .eventual(
            "missing_data", [[.int, .array]],
            help: """
                Says that nobody gave these, though somebody should have them. Takes an array of keys. The center looks who lives and has them. Answers how many of them \
                somebody has.
                """, role: .worker
        ) { parameters in
            let keys = Set(try Self.keys(parameters[0])).sorted()
            let asked = state.read { table in
                var asked: [String: [ObjectKey]] = [:]
                for key in keys { for holder in table.holders(of: key) { asked[holder, default: []].append(key) } }
                return asked
            }
            await withTaskGroup(of: Void.self) { group in
                for (holder, keys) in asked { group.addTask { await state.probe(keys, at: holder) } }
            }
            await state.shell.settle()
            return .int(Int32(clamping: state.read { table in keys.count { table.byteCount(of: $0) != nil } }))
        }
    }

    /// More than a century: sums stay numbers.
    private static let microsecondsMax: Int64 = 1 << 52

    private static func report(_ value: XMLRPCValue) throws -> ComputationReport {
        let fields = try Fields(value, in: "computations_ended")
        let key = try ObjectKey(fields.required("key"))
        let number = Int(clamping: try fields.count("number"))
        guard let message = value["message"]?.asString.map(StreamSafeText.cut) else {
            let object = try Self.object(key, fields.required("nbytes"), digest: value["digest"])
            return ComputationReport(
                key: key, number: number,
                outcome: .finished(
                    byteCount: object.byteCount, digest: object.digest,
                    microseconds: min(try fields.count("microseconds"), microsecondsMax)))
        }
        guard let missing = value["missing"] else {
            return ComputationReport(key: key, number: number, outcome: .failed(message: message))
        }
        return ComputationReport(
            key: key, number: number, outcome: .inputsMissing(try KeyedValues.keys(missing), message: message))
    }
}
