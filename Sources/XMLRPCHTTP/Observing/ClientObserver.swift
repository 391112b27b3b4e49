import Tracing
import XMLRPC

/// Measures and traces the calls of a client, each with all its attempts.
struct ClientObserver: Sendable {
    private let meters: CallMeters?
    private let tracing: CallTracing?

    /// nil when nobody wants to know.
    init?() {
        meters = CallMeters(prefix: "xmlrpc_client")
        tracing = CallTracing()
        if meters == nil, tracing == nil { return nil }
    }

    /// - Parameter body: Gets the headers that carry the call's context.
    func observe(
        _ method: String, _ body: ([(name: String, value: String)]) async throws -> MethodResponse
    ) async throws -> MethodResponse {
        let begin = ContinuousClock.now
        let span = tracing?.startSpan(method, kind: .client, context: .current ?? .topLevel)
        defer { span?.end() }
        do {
            let headers = span.map { span in tracing?.headers(for: span.context) ?? [] } ?? []
            let response = try await body(headers)
            if case .fault(let fault) = response {
                span?.note(fault)
                meters?.record(method, .fault, begin.duration(to: .now))
            } else {
                meters?.record(method, .success, begin.duration(to: .now))
            }
            return response
        } catch {
            span?.recordError(error)
            span?.setStatus(SpanStatus(code: .error))
            meters?.record(method, .error, begin.duration(to: .now))
            throw error
        }
    }
}
