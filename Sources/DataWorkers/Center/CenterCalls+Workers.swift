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
                equal for workers on one machine, or empty), memory_limit (double: bytes), keys (array of [key, bytes]: what it holds) and, if it \
                serves with TLS, as it must anywhere but on a loopback address, certificate (string: in PEM). Before that it asks for the secret that others will show it (\(PeerKeyCalls.secret)). Answers a struct: heartbeat_seconds (double). A worker at the same address takes the place of the one before it.
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
                services: services, memoryByteCountMax: try fields.count("memory_limit"))
            let objects = try Self.objects(fields.required("keys"))
            try state.peers.note(fields, at: address)
            state.welcome(address)
            _ = try await state.ask { .workerRegistered(profile, holding: objects, request: $0) }
            return .structure(["heartbeat_seconds": .double(CenterService.heartbeat.inSeconds)])
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
            "add_keys", [[.string, .string, .array]],
            help:
                "Says that the worker at that address holds these now. Takes its address and an array of [key, bytes].",
            role: .worker
        ) { parameters in
            let (address, objects) = (try Self.address(parameters[0]), try Self.objects(parameters[1]))
            return try await state.tell(of: address) { .objectsAdded(objects, address: address, request: $0) }
        }
    }

    var removeKeys: Method {
        .eventual(
            "remove_keys", [[.string, .string, .array]],
            help: "Says that the worker at that address no longer holds these. Takes its address and an array of keys.",
            role: .worker
        ) { parameters in
            let (address, keys) = (try Self.address(parameters[0]), try Self.keys(parameters[1]))
            return try await state.tell(of: address) { .objectsRemoved(keys, address: address, request: $0) }
        }
    }

    var recordComputation: Method {
        .eventual(
            "record_computation", [[.string, .string, .structure]],
            help: """
                Says that the worker at that address has computed something by itself, and how. Takes its address and a struct: key, nbytes (double), function (string), \
                arguments (base64: the document of a call with an array and a struct) and inputs (array of keys that arguments stand for).
                """, role: .worker
        ) { parameters in
            let address = try Self.address(parameters[0])
            let fields = try Fields(parameters[1], in: "record_computation")
            let computation = Computation(
                key: try ObjectKey(fields.required("key")),
                function: try fields.text("function", byteCountMax: Self.functionByteCountMax),
                arguments: try fields.bytes("arguments", byteCountMax: Computation.argumentByteCountMax),
                inputs: try KeyedValues.keys(fields.required("inputs")))
            let byteCount = try fields.count("nbytes")
            return try await state.tell(of: address) {
                .computed(computation, byteCount: byteCount, address: address, request: $0)
            }
        }
    }

    var computationsEnded: Method {
        .eventual(
            "computations_ended", [[.string, .string, .array]],
            help: """
                Says what has come of computations that the center gave to the worker at that address. Takes its address and an array of struct: key, number (double: of the \
                attempt), and nbytes and microseconds (double) where it has a result, else message (string), with missing (array of keys) where inputs did not come.
                """, role: .worker
        ) { parameters in
            let address = try Self.address(parameters[0])
            guard case .array(let items) = parameters[1], items.count <= Self.keyCountMax else {
                throw DataFault.invalid("computations_ended takes an array of at most \(Self.keyCountMax)")
            }
            let reports = try items.map { try Self.report($0) }
            return try await state.tell(of: address) { .attemptsEnded(reports, address: address, request: $0) }
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

    private static func report(_ value: XMLRPCValue) throws -> ComputationReport {
        let fields = try Fields(value, in: "computations_ended")
        let key = try ObjectKey(fields.required("key"))
        let number = Int(try fields.count("number"))
        guard let message = value["message"]?.asString.map(StreamSafeText.cut) else {
            return ComputationReport(
                key: key, number: number,
                outcome: .finished(
                    byteCount: try fields.count("nbytes"), microseconds: try fields.count("microseconds")))
        }
        guard let missing = value["missing"] else {
            return ComputationReport(key: key, number: number, outcome: .failed(message: message))
        }
        return ComputationReport(
            key: key, number: number, outcome: .inputsMissing(try KeyedValues.keys(missing), message: message))
    }
}
