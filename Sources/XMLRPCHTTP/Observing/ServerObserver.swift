import Logging
import Tracing
import XMLRPC
import XMLRPCTransport

/// Measures and traces the calls of a server. A `system.multicall` is one call.
struct ServerObserver: CallObserver {
    private let methodNames: Set<String>
    private let meters: CallMeters?
    private let tracing: CallTracing?
    private let logger: Logger?

    /// nil when nobody wants to know: the calls then run as they would without any of this.
    init?(methods: MethodTable, logger: Logger) {
        meters = CallMeters(prefix: "xmlrpc_server")
        tracing = CallTracing()
        self.logger = logger.logLevel <= .debug ? logger : nil
        if meters == nil, tracing == nil, self.logger == nil { return nil }
        methodNames = Set(methods.methods.map(\.name))
    }

    func run(
        _ call: MethodCall, header: @escaping @Sendable (_ name: String) -> String?, reply: @escaping Reply,
        body: (@escaping Reply) -> Void
    ) {
        // Names that callers make up must not become names of meters and spans.
        let method = methodNames.contains(call.methodName) ? call.methodName : "unknown"
        let begin = ContinuousClock.now
        guard let tracing else {
            return body { response in
                record(method, response, since: begin)
                reply(response)
            }
        }
        let context = tracing.context(from: RequestHeaders(value: header))
        let span = tracing.startSpan(method, kind: .server, context: context)
        ServiceContext.withValue(span.context) {
            body { response in
                if case .fault(let fault) = response { span.note(fault) }
                span.end()
                record(method, response, since: begin)
                reply(response)
            }
        }
    }

    func refused(_ fault: XMLRPCFault) { record("unknown", .fault(fault), since: .now) }

    private func record(_ method: String, _ response: MethodResponse, since begin: ContinuousClock.Instant) {
        let duration = begin.duration(to: .now)
        switch response {
        case .value:
            meters?.record(method, .success, duration)
            logger?.debug("call answered", metadata: ["method": "\(method)", "duration": "\(duration)"])
        case .fault(let fault):
            meters?.record(method, .fault, duration)
            logger?.debug(
                "call answered with a fault",
                metadata: ["method": "\(method)", "duration": "\(duration)", "code": "\(fault.code)"])
        }
    }
}
