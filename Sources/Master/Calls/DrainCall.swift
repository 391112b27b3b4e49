import Access
import Coordinator
import Model
import Shell
import WorkerProtocol
import XMLRPC

/// Sends a worker away in peace.
struct DrainCall {
    let shell: CoordinatorShell
    let context: MasterContext
    /// Whether the master itself started the worker of that name.
    let isLocal: @Sendable (String) -> Bool

    var methods: [Method] { [drain] }

    private var drain: Method {
        Method(
            name: MethodName.drain, signatures: [[.boolean, .string]],
            help: """
                Lets a worker leave without a loss: it gets nothing more, what it runs goes to others at once and counts against nobody, \
                its map output goes to the master, and when nothing of it is needed any more it is sent away. Takes the \
                worker's name; answers true as soon as it is asked.
                """,
            role: Role.admin.rawValue
        ) { parameters, caller, reply in
            answer(reply) { () throws(XMLRPCFault) in
                guard let name = parameters[0].name(), let worker = context.worker(named: name) else {
                    throw XMLRPCFault(
                        code: FaultCode.refused, message: "no worker of that name is here that could be drained")
                }
                guard !isLocal(name) else {
                    throw XMLRPCFault(
                        code: FaultCode.refused,
                        message: "worker \(name) was started by the master, which would start another in its place")
                }
                let id = RequestID(number: caller.id)
                shell.submit(.drainRequested(worker, request: id), request: id) { answer in
                    guard case .drains = answer else { return reply(.failure(CallFault.of(answer))) }
                    reply(.success(.boolean(true)))
                }
            }
        }
    }
}
