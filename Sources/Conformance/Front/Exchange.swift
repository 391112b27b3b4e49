import XMLRPC

/// One request of a worker, and what became of it.
struct Exchange: Sendable {
    let number: Int
    let began: ContinuousClock.Instant
    let method: String
    let path: String
    /// What it showed, without the word before it; nil where it showed nothing.
    let secret: String?
    /// nil for what is no call.
    let call: Result<MethodCall, XMLRPCFault>?
    var status: Int?
    /// The answer to a call.
    var response: MethodResponse?
    /// When the worker had the whole answer; nil before, and for ever where it was lost.
    var delivered: ContinuousClock.Instant?
    /// What was done to it.
    var fault: String?

    /// nil for what is no call, and for one that can't be read.
    var document: MethodCall? {
        guard case .success(let document)? = call else { return nil }
        return document
    }

    var methodName: String? { document?.methodName }

    /// A `worker.poll`.
    var poll: PollSeen? {
        guard let document, document.methodName == "worker.poll", document.parameters.count == 1 else { return nil }
        return PollSeen(document.parameters[0])
    }

    /// What a poll was answered, whether or not that came to the worker.
    var pollAnswer: PollAnswerSeen? {
        guard methodName == "worker.poll", case .value(let value)? = response else { return nil }
        return PollAnswerSeen(value)
    }

    var faultCode: Int? {
        guard case .fault(let fault)? = response else { return nil }
        return fault.code
    }
}

/// What matters of a poll. Members that are missing or of another type are the master's to refuse.
struct PollSeen: Hashable, Sendable {
    let worker: Int
    let instance: String
    let sequence: Int
    /// Attempts, with what became of them.
    let reports: [ReportSeen]
    let running: [String]
    let capacity: Int
    let value: XMLRPCValue

    struct ReportSeen: Hashable, Sendable {
        let attempt: String
        let outcome: String
        /// For people; empty where it says none.
        let reason: String
    }

    init?(_ value: XMLRPCValue) {
        guard let worker = value["worker"]?.asInt, let sequence = value["sequence"]?.asInt else { return nil }
        self.worker = worker
        self.sequence = sequence
        self.value = value
        instance = value["instance"]?.asString ?? ""
        capacity = value["capacity"]?.asInt ?? 0
        running = (value["running"]?.asArray ?? []).compactMap(\.asString)
        reports = (value["reports"]?.asArray ?? []).map {
            ReportSeen(
                attempt: $0["attempt"]?.asString ?? "", outcome: $0["outcome"]?.asString ?? "",
                reason: $0["reason"]?.asString ?? "")
        }
    }

    func holds(_ attempt: String) -> Bool {
        running.contains(attempt) || reports.contains { $0.attempt == attempt }
    }
}

/// What matters of the answer to a poll.
struct PollAnswerSeen: Hashable, Sendable {
    let assigned: [String]
    let cancelled: [String]
    let verdictCount: Int
    let stops: Bool

    init(_ value: XMLRPCValue) {
        assigned = (value["assignments"]?.asArray ?? []).compactMap { $0["attempt"]?.asString }
        cancelled = (value["cancelled"]?.asArray ?? []).compactMap(\.asString)
        verdictCount = value["verdicts"]?.asArray?.count ?? 0
        stops = value["stop"] != nil
    }
}
