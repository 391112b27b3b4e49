import Center
import Coordinator
import DataProtocol
import LocalMachine
import Model
import WorkerProtocol
import XMLRPC

// Who has what.

extension CenterCalls {
    var whoHas: Method {
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

    var hasWhat: Method {
        .immediate(
            "has_what", [[.structure], [.structure, .array]],
            help:
                "Says what workers hold. Takes an array of addresses, or nothing for all. Answers a struct: an array of keys for each."
        ) { parameters in
            try perWorker(parameters) { .array($0.keys.sorted().map(\.wireValue)) }
        }
    }

    var coreCounts: Method {
        .immediate(
            "ncores", [[.structure], [.structure, .array]],
            help:
                "Says how many computations workers run at once. Takes an array of addresses, or nothing for all. Answers a struct of int."
        ) { parameters in
            try perWorker(parameters) { .int(Int32(clamping: $0.profile.coreCount)) }
        }
    }

    var services: Method {
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
}
