import XMLRPC

/// What `job.status` answers.
struct JobView: Sendable {
    struct Tasks: Hashable, Sendable {
        let total: Int
        let pending: Int
        let running: Int
        let completed: Int
    }

    let outcome: String
    let maps: Tasks
    let reduces: Tasks
    let attempts: Int
    let workers: Int

    struct Malformed: Error {}

    init(_ value: XMLRPCValue) throws {
        guard let outcome = value["outcome"]?.asString, let attempts = value["attempts"]?.asInt,
            let workers = value["workers"]?.asInt, let maps = Tasks(value["maps"]),
            let reduces = Tasks(value["reduces"])
        else { throw Malformed() }
        self.outcome = outcome
        self.attempts = attempts
        self.workers = workers
        self.maps = maps
        self.reduces = reduces
    }
}

extension JobView.Tasks {
    fileprivate init?(_ value: XMLRPCValue?) {
        guard let total = value?["total"]?.asInt, let pending = value?["pending"]?.asInt,
            let running = value?["running"]?.asInt, let completed = value?["completed"]?.asInt
        else { return nil }
        self.init(total: total, pending: pending, running: running, completed: completed)
    }
}
