import DataProtocol
import Functions
import LocalMachine
import Objects
import WorkerProtocol
import XMLRPC

/// The methods of a data worker.
struct DataWorkerCalls {
    let state: DataWorkerState
    let identity: @Sendable () -> XMLRPCValue
    let terminate: @Sendable () -> Void

    var methods: [Method] {
        [
            getData, updateData, deleteData, keys, describe, getObjects, fetchData, compute, runComputations,
            cancelComputations, discardResults, uploadFile, functions,
            .immediate("identity", [[.structure]], help: "Says who this is, and what it has. Answers a struct.") { _ in
                identity()
            },
            .immediate("ping", [[.string]], help: "Says that it is there. Answers 'pong'.") { _ in "pong" },
            .immediate("terminate", [[.string]], help: "Ends this worker, and all that it holds with it.") { _ in
                terminate()
                return "OK"
            },
        ]
    }

    private var getData: Method {
        .eventual(
            "get_data", [[.structure, .array], [.array, .array]],
            help: "Answers the values of these keys as a struct. A key that is not here is a fault."
        ) { parameters in
            let keys = try KeyedValues.keys(parameters[0])
            return KeyedValues.encode(try state.values(of: keys))
        }
    }

    private var updateData: Method {
        .eventual(
            "update_data", [[.structure, .structure], [.structure, .array]],
            help: """
                Keeps values. Takes a struct of them by key, or an array of [key, value]. Answers a struct: status ('OK') and nbytes (struct: what each takes). \
                A value that a key held before makes way.
                """
        ) { parameters in
            let kept = try await state.put(try KeyedValues.decode(parameters[0]))
            return .structure([
                "status": "OK", "nbytes": KeyedValues.encode(kept.map { ($0.key, Self.count($0.byteCount)) }),
            ])
        }
    }

    private var deleteData: Method {
        .eventual(
            "delete_data", [[.int, .array], [.int, .array, .boolean]],
            help: """
                Deletes objects here. Takes an array of keys and, if it likes, force (boolean). Without force the last copy of an object is not deleted. Answers how many \
                were here.
                """
        ) { parameters in
            let keys = try KeyedValues.keys(parameters[0])
            let force = parameters.count > 1 && parameters[1] == .boolean(true)
            return .int(Int32(clamping: try await state.delete(keys, force: force).count))
        }
    }

    private var keys: Method {
        .immediate(
            "keys", [[.array], [.array, .structure]],
            help: """
                Answers the keys of all that is here, in the order of their bytes: \(ObjectStore.keyPageMax) of them at most. Takes, if it likes, a struct: after (a key: those that follow it).
                """
        ) { parameters in
            let after = try parameters.first?["after"].map { try ObjectKey($0) }
            return .array(state.store.keys(after: after, limit: ObjectStore.keyPageMax).map(\.wireValue))
        }
    }

    private var describe: Method {
        .immediate(
            "describe", [[.structure, .array], [.array, .array]],
            help: """
                Says what objects are like. Takes an array of keys. Answers a struct for each: tag ('value' or 'bytes'), nbytes (double) and digest (string: CRC-32C in \
                hexadecimal). GET /objects/HEX, with the key's bytes in hexadecimal, answers their bytes, with Range or ?from=A&to=B some of them; PUT brings them.
                """
        ) { parameters in
            KeyedValues.encode(
                try KeyedValues.keys(parameters[0]).map { key in
                    guard let info = state.store.info(of: key) else {
                        throw DataFault.missing(key, asked: [state.address])
                    }
                    return (
                        key,
                        .structure([
                            "tag": .string(info.tag.rawValue), "nbytes": .double(Double(info.byteCount)),
                            "digest": .string("\(info.digest)"),
                        ])
                    )
                })
        }
    }

    private var fetchData: Method {
        .eventual(
            "fetch_data", [[.int, .structure], [.int, .array]],
            help:
                "Has objects copied here. Takes a struct: for each key an array of addresses of those who hold it. Answers how many there were."
        ) { parameters in
            let wanted = try KeyedValues.decode(parameters[0]).map { key, holders in
                (key: key, holders: (holders.asArray ?? []).compactMap(\.asString))
            }
            try await state.fetch(wanted)
            return .int(Int32(clamping: wanted.count))
        }
    }

    private var compute: Method {
        .eventual(
            "compute",
            [
                [.array, .string, .array], [.array, .string, .array, .string], [.array, .string, .array, .base64],
                [.array, .string, .array, .string, .structure], [.array, .string, .array, .base64, .structure],
            ],
            help: """
                Computes a function, and keeps what comes out. Takes its name, an array of arguments and, if it likes, the key of the result and a struct of arguments by name. \
                An argument that is the key of an object, here or elsewhere, stands for it, and so does a struct {key: K} at any depth; a struct {value: V} stands for V. Answers ['OK', struct: key and nbytes]. A \
                function that fails is a fault that says why, and leaves nothing.
                """
        ) { parameters in
            guard case .array(let arguments) = parameters[1], let function = parameters[0].name(byteCountMax: 1_024)
            else {
                throw DataFault.invalid("compute takes a function's name and an array of arguments")
            }
            let key =
                parameters.count > 2 && parameters[2] != ""
                ? try ObjectKey(parameters[2])
                : try ObjectKey(Array("\(function)-\(MasterRecord.randomHex().prefix(16))".utf8))
            var keywords: [String: XMLRPCValue] = [:]
            if parameters.count > 3, case .structure(let members) = parameters[3] { keywords = members }
            let info = try await state.compute(function, arguments, key, keywords)
            return .array(["OK", .structure(["key": key.wireValue, "nbytes": Self.count(info.byteCount)])])
        }
    }

    private var runComputations: Method {
        .immediate(
            "run_computations", [[.int, .array]],
            help: """
                Begins computations for the center, which hears what has come of each by computations_ended. Takes an array of struct: key, number (double: of the attempt), \
                function, arguments (base64: the document of a call with an array and a struct) and inputs (array of [key, addresses of holders]). Answers how many there were.
                """
        ) { parameters in
            let items = parameters[0].asArray ?? []
            try state.begin(items)
            return .int(Int32(clamping: items.count))
        }
    }

    private var discardResults: Method {
        .eventual(
            "discard_results", [[.int, .array]],
            help: """
                Deletes what attempts of the center have left here and is not wanted. Takes an array of [key, number of the attempt]; what others have made under these keys \
                stays. Answers how many there were.
                """
        ) { parameters in
            let keys = try KeyedValues.decode(parameters[0]).filter { key, number in
                number.asDouble.flatMap { Int(exactly: $0) }.map { state.assigned.isMade(key, by: $0) } == true
            }.map(\.key)
            return .int(Int32(clamping: try await state.delete(keys, force: true).count))
        }
    }

    private var cancelComputations: Method {
        .immediate(
            "cancel_computations", [[.int, .array]],
            help: "Ends computations that the center has given. Takes an array of keys. Answers their number."
        ) { parameters in
            let keys = try KeyedValues.keys(parameters[0])
            state.assigned.cancel(keys)
            return .int(Int32(clamping: keys.count))
        }
    }

    private var uploadFile: Method {
        .eventual(
            "upload_file", [[.structure, .string, .base64], [.structure, .string, .string]],
            help: """
                Keeps a file whose functions can be computed: NAME for a program, NAME.py:FUNCTION for a function of a Python file. Takes its name and its bytes. \
                Answers a struct: status ('OK') and nbytes.
                """
        ) { parameters in
            guard let name = parameters[0].name() else { throw DataFault.invalid("upload_file takes a file's name") }
            let bytes: [UInt8]
            switch parameters[1] {
            case .base64(let content): bytes = content
            case .string(let text): bytes = Array(text.utf8)
            default: throw DataFault.invalid("upload_file takes a file's bytes")
            }
            try await state.computers.runBlocking { [library = state.library] in try library.upload(name, bytes) }
            return .structure(["status": "OK", "nbytes": Self.count(bytes.count)])
        }
    }

    private var functions: Method {
        .immediate(
            "functions", [[.array]],
            help:
                "Lists the functions that are built in, and names those of uploaded files. Answers an array of struct: name, signature, summary."
        ) { _ in
            let own = state.library.registry.descriptions.map { function in
                XMLRPCValue.structure([
                    "name": .string(function.name), "signature": .string(function.signature),
                    "summary": .string(function.summary),
                ])
            }
            let files = state.library.fileNames.map { name in
                XMLRPCValue.structure(["name": .string(name), "signature": "", "summary": "an uploaded file"])
            }
            return .array(own + files)
        }
    }

    private static func count(_ byteCount: Int) -> XMLRPCValue {
        Int32(exactly: byteCount).map { .int($0) } ?? .double(Double(byteCount))
    }
}
