package import Model
package import XMLRPC

/// `worker.poll`: heartbeat, reports, and room for more, in one request.
package struct PollRequest: Hashable, Sendable {
    package let worker: WorkerID
    /// What the registration's answer said: numbers of another master's workers mean nothing.
    package let instance: String
    /// Grows by one with each new poll; the same number again is a retry and gets the same answer.
    package let sequence: Int
    package let reports: [AttemptReport]
    /// Attempts whose successes leave out what their output is like: the master was sent it, and has looked.
    package let unmeasured: Set<AttemptID>
    package let running: [AttemptID]
    package let capacity: Int
    /// How long the answer may be held back when there is nothing to say.
    package let waitMax: Duration
    /// Jobs that the answer need not describe, and whose ends the worker wants to hear of, because it keeps something of
    /// them. A worker of few means names none.
    package let jobs: [JobID]
    /// It is about to leave: it takes nothing more.
    package let isDraining: Bool
    /// Map outputs that it was asked for and has not handed over yet.
    package let handingOverCount: Int
    /// Of attempts in ``running`` whose programs have said something new of what they are about.
    package let statuses: [AttemptStatus]
    /// nil where there is nothing new of it.
    package let machine: MachineReport?

    package init(
        worker: WorkerID, instance: String, sequence: Int, reports: [AttemptReport], running: [AttemptID],
        capacity: Int, waitMax: Duration, jobs: [JobID] = [], isDraining: Bool = false, handingOverCount: Int = 0,
        statuses: [AttemptStatus] = [], unmeasured: Set<AttemptID> = [], machine: MachineReport? = nil
    ) {
        self.worker = worker
        self.instance = instance
        self.sequence = sequence
        self.reports = reports
        self.unmeasured = unmeasured
        self.running = running
        self.capacity = capacity
        self.waitMax = waitMax
        self.jobs = jobs
        self.isDraining = isDraining
        self.handingOverCount = handingOverCount
        self.statuses = statuses
        self.machine = machine
    }

    package init(_ value: XMLRPCValue) throws(XMLRPCFault) {
        let fields = try Fields(value, in: "worker.poll")
        worker = WorkerID(number: try fields.int("worker", in: 1...Int(Int32.max)))
        instance = try fields.string("instance", byteCountMax: 255)
        sequence = try fields.int("sequence", in: 1...Int(Int32.max))
        capacity = try fields.int("capacity", in: 0...ProtocolLimits.slotsMax)
        waitMax = try fields.seconds("wait_seconds")
        jobs = fields.has("jobs") ? try PollRequest.jobs(fields.array("jobs", countMax: ProtocolLimits.jobsMax)) : []
        isDraining = fields.has("draining") ? try fields.boolean("draining") : false
        handingOverCount = fields.has("handing_over") ? try fields.int("handing_over", in: 0...Int(Int32.max)) : 0
        var reports: [AttemptReport] = []
        var unmeasured: Set<AttemptID> = []
        for item in try fields.structs("reports", countMax: ProtocolLimits.reportsMax) {
            let report = try ReportMessage.report(from: item)
            reports.append(report)
            if case .succeeded = report.outcome, ReportMessage.leavesOutputOut(item) {
                unmeasured.insert(report.attempt)
            }
        }
        self.reports = reports
        self.unmeasured = unmeasured
        running = try PollRequest.attempts(fields.strings("running", countMax: ProtocolLimits.runningMax))
        statuses = try AttemptStatusMessage.statuses(from: fields)
        machine = try MachineReport(from: fields)
    }

    package var value: XMLRPCValue {
        var members: [String: XMLRPCValue] = [
            "worker": .int(Int32(worker.number)),
            "instance": .string(instance),
            "sequence": .int(Int32(sequence)),
            "reports": .array(reports.map { ReportMessage.value(of: $0, measured: !unmeasured.contains($0.attempt)) }),
            "running": .array(running.map { .string($0.name) }),
            "capacity": .int(Int32(capacity)),
            "wait_seconds": .double(waitMax.inSeconds),
        ]
        if !jobs.isEmpty { members["jobs"] = .array(jobs.map { .int(Int32($0.number)) }) }
        if isDraining { members["draining"] = .boolean(true) }
        if handingOverCount > 0 { members["handing_over"] = .int(Int32(clamping: handingOverCount)) }
        if let machine { members["machine"] = .structure(machine.members) }
        if !statuses.isEmpty { members["statuses"] = .array(statuses.map(AttemptStatusMessage.value)) }
        return .structure(members)
    }

    static func attempts(_ names: [String]) throws(XMLRPCFault) -> [AttemptID] {
        var attempts: [AttemptID] = []
        for name in names { attempts.append(try ReportMessage.attempt(named: name)) }
        return attempts
    }

    static func jobs(_ values: [XMLRPCValue]) throws(XMLRPCFault) -> [JobID] {
        var jobs: [JobID] = []
        for value in values {
            guard case .int(let number) = value, number >= 1, Int(number) <= JobID.numberMax else {
                throw Fields.fault("a job is a number from 1 to \(JobID.numberMax)")
            }
            jobs.append(JobID(number: Int(number)))
        }
        return jobs
    }
}

/// The master's answer to `worker.poll`.
package struct PollResponse: Hashable, Sendable {
    /// One per report, in order.
    package var verdicts: [Verdict]
    /// All of ``job``.
    package var assignments: [AssignmentMessage]
    package var cancelled: [AttemptID]
    /// Map attempts whose outputs the worker should hand over to the master, by `PUT /intermediate/ATTEMPT`.
    package var handOver: [AttemptID]
    /// Whether the worker should drain: take nothing more, and leave when nothing of it is needed.
    package var drains: Bool
    /// Why the worker should stop, tidy up and exit; nil to go on.
    package var stop: String?
    /// Those that assignments are of, but for those that the worker knows.
    package var jobs: [JobMessage]
    /// Of the jobs that the poll named, those that are over: nothing of them is needed any more.
    package var ended: [JobID]

    package init(
        verdicts: [Verdict] = [], assignments: [AssignmentMessage] = [], cancelled: [AttemptID] = [],
        handOver: [AttemptID] = [], drains: Bool = false, stop: String? = nil, jobs: [JobMessage] = [],
        ended: [JobID] = []
    ) {
        self.verdicts = verdicts
        self.assignments = assignments
        self.cancelled = cancelled
        self.handOver = handOver
        self.drains = drains
        self.stop = stop
        self.jobs = jobs
        self.ended = ended
    }

    /// - Parameter known: What earlier answers said of jobs.
    package init(_ value: XMLRPCValue, known: [JobID: JobMessage] = [:]) throws(XMLRPCFault) {
        let fields = try Fields(value, in: "the answer to worker.poll")
        jobs = []
        if fields.has("jobs") {
            for item in try fields.structs("jobs", countMax: ProtocolLimits.jobsMax) {
                jobs.append(try JobMessage(item))
            }
        }
        var all = known
        for job in jobs { all[job.id] = job }
        var verdicts: [Verdict] = []
        for name in try fields.strings("verdicts", countMax: ProtocolLimits.reportsMax) {
            guard let verdict = Verdict(rawValue: name) else {
                throw Fields.fault("a verdict must be accepted or stale")
            }
            verdicts.append(verdict)
        }
        self.verdicts = verdicts
        var assignments: [AssignmentMessage] = []
        for item in try fields.structs("assignments", countMax: ProtocolLimits.slotsMax) {
            assignments.append(try AssignmentMessage(item, of: all))
        }
        self.assignments = assignments
        cancelled = try PollRequest.attempts(fields.strings("cancelled", countMax: ProtocolLimits.runningMax))
        handOver =
            fields.has("hand_over")
            ? try PollRequest.attempts(fields.strings("hand_over", countMax: ProtocolLimits.handOversMax)) : []
        ended = fields.has("ended") ? try PollRequest.jobs(fields.array("ended", countMax: ProtocolLimits.jobsMax)) : []
        drains = fields.has("drain") ? try fields.boolean("drain") : false
        stop = fields.has("stop") ? try fields.string("stop") : nil
    }

    package var value: XMLRPCValue {
        var members: [String: XMLRPCValue] = [
            "verdicts": .array(verdicts.map { .string($0.rawValue) }),
            "assignments": .array(assignments.map(\.value)),
            "cancelled": .array(cancelled.map { .string($0.name) }),
        ]
        if !handOver.isEmpty { members["hand_over"] = .array(handOver.map { .string($0.name) }) }
        if drains { members["drain"] = .boolean(true) }
        if let stop { members["stop"] = .string(stop) }
        if !jobs.isEmpty { members["jobs"] = .array(jobs.map(\.value)) }
        if !ended.isEmpty { members["ended"] = .array(ended.map { .int(Int32($0.number)) }) }
        return .structure(members)
    }
}
