import Access
import WorkerProtocol
import XMLRPC

/// How people come to let others in: what `mr-ctl token` asks a center for, as it asks a master.
struct CenterAccessCalls {
    let record: CenterRecord

    var methods: [Method] { [token, certificate] }

    private var token: Method {
        .immediate(
            MethodName.token, [[.structure, .structure]],
            help: """
                The secret that people carry to other machines. Takes a struct: role (string: worker, for all that a center lets in may do everything). \
                Answers a struct: secret (string), address (string: HOST:PORT), pin (string: of the center's key; empty without TLS) and ends_at (double: 0, for never).
                """
        ) { parameters in
            let fields = try Fields(parameters[0], in: MethodName.token)
            guard let secret = record.access.token else {
                throw DataFault.refused("this center lets everybody in (--no-auth)")
            }
            let rotates = fields.has("rotate") ? try fields.boolean("rotate") : false
            guard try fields.string("role", byteCountMax: 32) == Role.worker.rawValue, !rotates,
                !fields.has("ttl_seconds")
            else {
                throw DataFault.refused(
                    "a center has one secret, for everybody and without an end; for another, end the center, remove the file of its address that ends in .access from its state folder, and start it again"
                )
            }
            return .structure([
                "secret": .string(secret), "address": .string(record.address.description),
                "pin": .string(record.identity?.pin.description ?? ""), "ends_at": .double(0),
            ])
        }
    }

    private var certificate: Method {
        .immediate(
            MethodName.certificate, [[.string]],
            help:
                "The certificate that the center shows, in PEM, for programs that want a file to trust; empty without TLS."
        ) { _ in .string(record.identity?.certificate ?? "") }
    }
}
