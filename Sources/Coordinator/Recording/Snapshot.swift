import Model

/// A coordinator as bytes: where a journal begins, and where it is cut short.
extension Coordinator {
    /// The whole state, between two events. Equal coordinators give equal bytes.
    ///
    /// - Complexity: O(tasks + workers).
    package var snapshot: [UInt8] {
        var writer = RecordWriter()
        writer.write(policy)
        writer.write(lastApplied)
        writer.write(graceEnds)
        writer.write(jobs)
        writer.write(openJobs) { $0.write(natural: $1) }
        writer.write(natural: jobNumberNewest)
        writer.write(applications)
        writer.write(workers)
        writer.write(simpleWorkers.sorted { $0.key < $1.key }) {
            $0.write($1.key)
            $0.write($1.value)
        }
        writer.write(liveWorkerCount)
        writer.write(parkedRequests.sorted { $0.key < $1.key }) {
            $0.write($1.key)
            $0.write($1.value)
        }
        writer.write(bits: ticketNewest)
        simpleLine.record(in: &writer) { $0.write($1) }
        writer.write(deadlines)
        writer.write(interruption) { $0.write($1) }
        writer.write(computations)
        return writer.bytes
    }

    /// Reads ``snapshot`` back.
    ///
    /// - Throws: When these bytes are no snapshot, or one of a state that can't be.
    package init(snapshot: [UInt8], assertsInvariants: Bool = true) throws(RecordError) {
        var reader = RecordReader(snapshot)
        self.init(policy: try reader.value(), assertsInvariants: assertsInvariants)
        lastApplied = try reader.optional()
        graceEnds = try reader.value()
        jobs = try reader.list()
        for (position, job) in jobs.enumerated() { jobPositions[job.id] = position }
        openJobs = try reader.list { reader throws(RecordError) in try reader.natural() }
        jobNumberNewest = try reader.natural()
        applications = try reader.list()
        workers = try reader.value()
        try readSimpleWorkers(from: &reader)
        liveWorkerCount = try reader.int()
        try readParkedRequests(from: &reader)
        ticketNewest = try reader.bits()
        simpleLine = try WaitingLine(from: &reader) { reader throws(RecordError) in try reader.text() }
        deadlines = try reader.value()
        interruption = try reader.optional { reader throws(RecordError) in try reader.text() }
        computations = try reader.value()
        try reader.expectEnd()
        guard hasValidPositions else { throw reader.error("a job or worker points to something that is not there") }
        if let violation = checkInvariants().first { throw reader.error(violation) }
    }

    private mutating func readSimpleWorkers(from reader: inout RecordReader) throws(RecordError) {
        let all = try reader.list { reader throws(RecordError) in
            let name = try reader.text()
            return (name, try reader.value(SimpleWorkerRecord.self))
        }
        simpleWorkers = Dictionary(all) { first, _ in first }
    }

    private mutating func readParkedRequests(from reader: inout RecordReader) throws(RecordError) {
        let all = try reader.list { reader throws(RecordError) in
            let request = try reader.value(RequestID.self)
            return (request, try reader.value(WorkerKey.self))
        }
        parkedRequests = Dictionary(all) { first, _ in first }
        parkedPollCount = workers.all.count { $0.worker.isParked }
        drainingCount = workers.all.count { $0.worker.standing.isDraining }
    }

    /// Whether what is looked up without a check can be.
    private var hasValidPositions: Bool {
        jobPositions.count == jobs.count && openJobs.allSatisfy { jobs.indices.contains($0) }
            && jobs.allSatisfy { applications.indices.contains($0.application) }
            && jobs.allSatisfy { job in job.lostOutputs.keys.allSatisfy { job.maps.records.indices.contains($0) } }
            && jobs.allSatisfy { job in
                job.handOvers.requests.allSatisfy {
                    job.maps.records.indices.contains($0) && workers.contains($1.holder)
                }
                    && job.handOvers.held.allSatisfy { job.maps.records.indices.contains($0) }
            }
            && workers.all.allSatisfy { $0.worker.applications.allSatisfy { applications.indices.contains($0) } }
    }
}
