import Tracing
import XMLRPC

/// The tracer and the instrument that were set up, for a server or a client.
struct CallTracing: Sendable {
    private let tracer: any Tracer
    private let instrument: any Instrument

    /// nil when none is set up.
    init?() {
        let instrument = InstrumentationSystem.instrument
        if instrument is NoOpInstrument { return nil }
        self.instrument = instrument
        tracer = InstrumentationSystem.tracer
    }

    /// What a request's headers say of where it comes from.
    func context(from headers: RequestHeaders) -> ServiceContext {
        var context = ServiceContext.topLevel
        instrument.extract(headers, into: &context, using: HeaderExtractor())
        return context
    }

    /// The headers that tell a server where a call comes from.
    func headers(for context: ServiceContext) -> [(name: String, value: String)] {
        var headers = CallHeaders()
        instrument.inject(context, into: &headers, using: HeaderInjector())
        return headers.fields
    }

    func startSpan(_ method: String, kind: SpanKind, context: ServiceContext) -> any Span {
        let span = tracer.startAnySpan(method, context: context, ofKind: kind)
        span.updateAttributes { attributes in
            attributes["rpc.system"] = "xmlrpc"
            attributes["rpc.method"] = method
        }
        return span
    }
}

extension Span {
    /// Says of the span that a fault was the answer: its code alone, since its message may be for nobody else's eyes.
    func note(_ fault: XMLRPCFault) {
        updateAttributes { $0["rpc.xmlrpc.fault_code"] = Int64(fault.code) }
        setStatus(SpanStatus(code: .error))
    }
}

struct RequestHeaders: Sendable {
    let value: @Sendable (_ name: String) -> String?
}

private struct HeaderExtractor: Extractor {
    func extract(key: String, from headers: RequestHeaders) -> String? { headers.value(key) }
}

private struct CallHeaders: Sendable {
    var fields: [(name: String, value: String)] = []
}

private struct HeaderInjector: Injector {
    /// What can't be a header is left out: names and values come from the application.
    func inject(_ value: String, forKey name: String, into headers: inout CallHeaders) {
        let nameIsFit = !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }
        guard nameIsFit, value.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else { return }
        headers.fields.append((name, value))
    }
}
