import Center
import LocalMachine
import XMLRPC

/// How workers and clients learn what other workers are known by.
struct PeerKeyCalls {
    let peers: PeerClients

    static let certificates = "get_worker_certificates"
    static let secret = "get_worker_secret"

    var methods: [Method] { [certificates, secret] }

    private var secret: Method {
        .immediate(
            Self.secret, [[.structure]],
            help:
                "The secret that the center, workers and clients show to data workers, as Bearer token or as the password of Basic. Answers a struct: secret (string; empty where everybody is let in).",
            role: .worker
        ) { _ in .structure(["secret": .string(peers.token ?? "")]) }
    }

    private var certificates: Method {
        .immediate(
            Self.certificates, [[.structure, .array]],
            help: """
                Says which certificates workers show. Takes an array of addresses. Answers a struct: for each its certificate in PEM, or '' where the worker speaks \
                plain HTTP, as on a loopback address.
                """
        ) { parameters in
            guard case .array(let values) = parameters[0], values.count <= CenterTable.workerCountMax else {
                throw DataFault.invalid("addresses come as an array of at most \(CenterTable.workerCountMax)")
            }
            var members: [String: XMLRPCValue] = [:]
            for value in values {
                guard let address = value.name() else { throw DataFault.invalid("a worker's address is HOST:PORT") }
                members[address] = .string(try peers.certificate(of: address))
            }
            return .structure(members)
        }
    }
}
