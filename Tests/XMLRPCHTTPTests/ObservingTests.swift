import CoreMetrics
import InMemoryTracing
import MetricsTestKit
import Testing
import Tracing
import XMLRPC

@testable import XMLRPCHTTP

@Suite struct ObservingTests {
    @Test("Calls are counted and timed by method and outcome, on both sides")
    func metrics() async throws {
        let metrics = TestMetrics()
        try await withMetricsFactory(metrics) {
            try await withServer { (client) async throws in
                for _ in 0..<3 { #expect(try await client.call("add", 1, 2) == 3) }
                await #expect(throws: XMLRPCFault.self) { try await client.call("fail", 7, returning: Int.self) }
                await #expect(throws: XMLRPCFault.self) { try await client.call("made.up", returning: Int.self) }
            }
            let nowhere = try XMLRPCClient("http://127.0.0.1:1/", logger: quietLogger)
            _ = await reason {
                try await nowhere.call("add", returning: Int.self, options: XMLRPCCallOptions(retry: .never))
            }
            await nowhere.close()
        }
        func count(_ side: String, _ method: String, _ outcome: String) -> Int64 {
            metrics.counterTotal(
                label: "xmlrpc_\(side)_calls", dimensions: [("method", method), ("outcome", outcome)])
        }
        for side in ["server", "client"] {
            #expect(count(side, "add", "success") == 3)
            #expect(count(side, "fail", "fault") == 1)
            let timers = metrics.timers(
                label: "xmlrpc_\(side)_call_duration", dimensions: [("method", "add"), ("outcome", "success")])
            #expect(timers.flatMap(\.values).count == 3)
            #expect(timers.flatMap(\.values).allSatisfy { $0 > 0 })
        }
        #expect(count("server", "unknown", "fault") == 1)
        #expect(count("server", "made.up", "fault") == 0)
        #expect(count("client", "add", "error") == 1)
    }

    @Test("Names without end become one meter")
    func manyMethods() throws {
        let metrics = TestMetrics()
        let meters = try #require(withMetricsFactory(metrics) { CallMeters(prefix: "x") })
        for number in 0..<(CallMeters.methodCountMax + 50) { meters.record("m\(number)", .success, .zero) }
        #expect(
            metrics.counterTotal(label: "x_calls", dimensions: [("method", "other"), ("outcome", "success")]) == 50)
    }

    @Test("A call is one span on each side, and both are of one trace")
    func tracing() async throws {
        let tracer = InMemoryTracer()
        try await withTracer(tracer) {
            let method = Method("traced", help: "") { () async -> Bool in
                // What the method starts belongs to the call.
                withTracer(tracer) { Tracing.withSpan("inside") { _ in true } }
            }
            try await withServer(sampleMethods + [method]) { (client) async throws in
                try await Tracing.withSpan("outside") { (_) async throws in
                    #expect(try await client.call("traced") == true)
                    #expect(try await client.call("add", 1, 2) == 3)
                    await #expect(throws: XMLRPCFault.self) { try await client.call("fail", 7, returning: Int.self) }
                }
            }
        }
        let spans = tracer.finishedSpans
        let outside = try #require(spans.first { $0.operationName == "outside" })
        #expect(spans.allSatisfy { $0.spanContext.traceID == outside.spanContext.traceID })
        func span(_ name: String, _ kind: SpanKind) throws -> FinishedInMemorySpan {
            try #require(spans.first { $0.operationName == name && $0.kind == kind })
        }
        for name in ["traced", "add", "fail"] {
            let client = try span(name, .client)
            let server = try span(name, .server)
            #expect(client.spanContext.parentSpanID == outside.spanContext.spanID)
            #expect(server.spanContext.parentSpanID == client.spanContext.spanID)
        }
        let inside = try span("inside", .internal)
        #expect(inside.spanContext.parentSpanID == (try span("traced", .server)).spanContext.spanID)
        for kind in [SpanKind.client, .server] {
            #expect(try span("fail", kind).status?.code == .error)
            #expect(try span("fail", kind).attributes.get("rpc.xmlrpc.fault_code") == .int64(7))
            #expect(try span("add", kind).status == nil)
            #expect(try span("add", kind).attributes.get("rpc.system") == .string("xmlrpc"))
        }
    }

    @Test("A call that failed has a span that says so")
    func failure() async throws {
        let tracer = InMemoryTracer()
        try await withTracer(tracer) {
            let client = try XMLRPCClient("http://127.0.0.1:1/", logger: quietLogger)
            let options = XMLRPCCallOptions(retry: .never)
            _ = await reason { try await client.call("a", returning: Int.self, options: options) }
            await client.close()
        }
        let span = try #require(tracer.finishedSpans.first)
        #expect(span.errors.count == 1 && span.status?.code == .error)
    }

    @Test("Where nothing was set up, there is nobody to tell")
    func nothing() {
        #expect(ClientObserver() == nil)
        #expect(ServerObserver(methods: MethodTable([]), logger: quietLogger) == nil)
    }
}
