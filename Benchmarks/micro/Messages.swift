import WorkerProtocol
import XMLRPC

private let messageCount = 2_000

/// A worker's poll, from its reports to the bytes of the document.
struct EncodingPolls: MicroBenchmark {
    static let name = "encoding-polls"
    private let request = SampleMessages.request

    func run() throws -> Work {
        try work { try encodedCall(request).count }
    }
}

/// The same in the master, from bytes to reports.
struct DecodingPolls: MicroBenchmark {
    static let name = "decoding-polls"
    private let document: [UInt8]

    init() throws { document = try encodedCall(SampleMessages.request) }

    func run() throws -> Work {
        // One for all, as connections have it.
        var decoder = MessageDecoder(limits: DecodingLimits())
        return try work {
            let call = try document.withUnsafeBytes { bytes in try decoder.decodeCall(bytes, charset: nil) }
            let request = try PollRequest(call.parameters[0])
            precondition(!request.reports.isEmpty)
            return document.count
        }
    }
}

/// The master's answer, from tasks to bytes.
struct EncodingAnswers: MicroBenchmark {
    static let name = "encoding-answers"
    private let response = SampleMessages.response

    func run() throws -> Work {
        try work { try XMLRPCCodec.encode(MethodResponse.value(response.value)).count }
    }
}

/// The same in the worker, from bytes to tasks.
struct DecodingAnswers: MicroBenchmark {
    static let name = "decoding-answers"
    private let document: [UInt8]

    init() throws { document = try XMLRPCCodec.encode(MethodResponse.value(SampleMessages.response.value)) }

    func run() throws -> Work {
        var decoder = MessageDecoder(limits: DecodingLimits())
        return try work {
            let answer = try document.withUnsafeBytes { bytes in try decoder.decodeResponse(bytes) }
            guard case .value(let value) = answer else { preconditionFailure("encoded as a value") }
            let response = try PollResponse(value, known: [SampleMessages.job.id: SampleMessages.job])
            precondition(!response.assignments.isEmpty)
            return document.count
        }
    }
}

private func encodedCall(_ request: PollRequest) throws -> [UInt8] {
    try XMLRPCCodec.encode(MethodCall(methodName: MethodName.poll, parameters: [request.value]))
}

/// - Parameter body: Treats one message, and returns the length of its document.
private func work(_ body: () throws -> Int) rethrows -> Work {
    var byteCount = 0
    for _ in 0..<messageCount { byteCount += try body() }
    return Work(unit: "message", recordCount: messageCount, byteCount: byteCount)
}
