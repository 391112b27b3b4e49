import Access
import Coordinator
import Identities
import LocalMachine
import Model
import Shell
import WorkerProtocol
import XMLRPC

/// Who is let in, and who is sent away.
struct AccessCalls {
    let shell: CoordinatorShell
    let context: MasterContext
    /// nil where everybody is let in.
    let access: MasterAccess?
    let identity: ServerIdentity?
    /// Whether the master itself started the worker of that name.
    let isLocal: @Sendable (String) -> Bool

    var methods: [Method] { [token, certificate, kick] }

    private static let lifetimeMax: Int64 = 366 * 86_400

    private var token: Method {
        Method(
            name: MethodName.token, signatures: [[.structure, .structure]],
            help: """
                The secret that people carry to other machines. Takes a struct: role (string: \(Self.roles)), and, \
                if it likes, rotate (boolean: the one that there is is good for nothing more, and another takes its place; workers that \
                have joined go on) and ttl_seconds (double: it ends so long from now). Answers a struct: secret (string), address (string: \
                HOST:PORT, where others reach the master), pin (string: of the master's key; empty without TLS) and ends_at (double: seconds since \
                1970; 0 for never).
                """,
            role: Role.admin.rawValue
        ) { parameters, _, reply in
            answer(reply) { () throws(XMLRPCFault) in
                let fields = try Fields(parameters[0], in: "access.token")
                guard let role = Role(rawValue: try fields.string("role", byteCountMax: 32)) else {
                    throw CallFault.invalid("member 'role' of access.token must be \(Self.roles)")
                }
                let rotates = fields.has("rotate") ? try fields.boolean("rotate") : false
                var lifetime: Int64?
                if fields.has("ttl_seconds") {
                    let seconds = try fields.count("ttl_seconds")
                    guard (1...Self.lifetimeMax).contains(seconds) else {
                        throw CallFault.invalid(
                            "member 'ttl_seconds' of access.token must be a whole number from 1 to \(Self.lifetimeMax)")
                    }
                    lifetime = seconds
                }
                reply(.success(value(try secret(of: role, lifetime, rotates: rotates))))
            }
        }
    }

    private static let roles = Role.allCases.map(\.rawValue).joined(separator: ", ")

    private func secret(of role: Role, _ lifetime: Int64?, rotates: Bool) throws(XMLRPCFault) -> JoinSecret {
        guard let access else {
            throw XMLRPCFault(code: FaultCode.refused, message: "this master lets everybody in (--no-auth)")
        }
        // Whoever gave it an end did not mean that the next one has none.
        if let end = access.end(of: role), !rotates, lifetime == nil {
            throw XMLRPCFault(
                code: FaultCode.refused,
                message:
                    "the secret of this role ended at \(GrantRefusal.text(end)); rotate it, or give the next one an end too"
            )
        }
        do throws(LocalStateError) {
            return try access.secret(of: role, lifetime: lifetime, rotates: rotates)
        } catch {
            throw XMLRPCFault(code: FaultCode.refused, message: Self.notStored(error))
        }
    }

    private static func notStored(_ error: LocalStateError) -> String {
        "it was done, but could not be stored, and holds only until this master ends: \(error)"
    }

    /// - Returns: What to say when it can't be stored.
    private func dismiss(_ workers: [WorkerID]) -> XMLRPCFault? {
        do throws(LocalStateError) {
            try access?.dismiss(workers)
            return nil
        } catch {
            return XMLRPCFault(code: FaultCode.refused, message: Self.notStored(error))
        }
    }

    private func value(_ secret: JoinSecret) -> XMLRPCValue {
        .structure([
            "secret": .string(secret.text), "address": .string(context.address),
            "pin": .string(identity?.pin.description ?? ""), "ends_at": .count(secret.endsAt ?? 0),
        ])
    }

    private var certificate: Method {
        Method(
            name: MethodName.certificate, signatures: [[.string]],
            help:
                "The certificate that the master shows, in PEM, for programs that want a file to trust; empty without TLS."
        ) { _, _, reply in
            reply(.success(.string(identity?.certificate ?? "")))
        }
    }

    private var kick: Method {
        Method(
            name: MethodName.kick, signatures: [[.boolean, .string]],
            help: """
                Sends a worker away at once: its token is good for nothing more, what it runs goes to others and counts against nobody, and \
                its map output is made again elsewhere. Takes the worker's name; answers true. It can join again while it has a secret that \
                is good.
                """,
            role: Role.admin.rawValue
        ) { parameters, caller, reply in
            answer(reply) { () throws(XMLRPCFault) in
                guard let name = parameters[0].name(), case let workers = context.workers(named: name),
                    let newest = workers.last
                else {
                    throw XMLRPCFault(
                        code: FaultCode.refused, message: "no worker of that name is here that could be sent away")
                }
                guard !isLocal(name) else {
                    throw XMLRPCFault(
                        code: FaultCode.refused,
                        message: "worker \(name) was started by the master, which would start another in its place")
                }
                let flaw = dismiss(workers)
                let id = RequestID(number: caller.id)
                // Others of the name are of earlier registrations, or somebody else's who took it.
                for worker in workers.dropLast() { shell.submit(.workerLeft(worker, request: RequestID(number: .max))) }
                shell.submit(.workerLeft(newest, request: id), request: id) { answer in
                    guard case .left = answer else { return reply(.failure(CallFault.of(answer))) }
                    if let flaw { return reply(.failure(flaw)) }
                    reply(.success(.boolean(true)))
                }
            }
        }
    }
}
