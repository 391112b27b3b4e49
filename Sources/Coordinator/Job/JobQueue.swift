package import Model

/// Jobs beside each other: whose turn it is, which ones wait, and which ones are forgotten.
extension Coordinator {
    mutating func pause(_ id: JobID) {
        guard let position = jobPositions[id], jobs[position].isActive else { return }
        jobs[position].terms.isPaused = true
    }

    mutating func resume(_ id: JobID) {
        guard let position = jobPositions[id], jobs[position].isActive, jobs[position].terms.isPaused else { return }
        jobs[position].terms.isPaused = false
        workAppeared = true
    }

    mutating func prioritize(_ id: JobID, _ priority: Int) {
        precondition(JobTerms.priorities.contains(priority), "\(priority) is no priority")
        guard let position = jobPositions[id], jobs[position].isActive else { return }
        jobs[position].terms.priority = priority
        openJobs.removeAll { $0 == position }
        listOpen(position)
    }

    /// - Complexity: O(open jobs).
    mutating func listOpen(_ position: Int) {
        let place = openJobs.firstIndex { comesBefore(position, $0) } ?? openJobs.count
        openJobs.insert(position, at: place)
    }

    func comesBefore(_ one: Int, _ other: Int) -> Bool {
        let (left, right) = (jobs[one], jobs[other])
        guard left.terms.priority == right.terms.priority else { return left.terms.priority > right.terms.priority }
        return left.id < right.id
    }

    // MARK: Afterwards

    mutating func conclude(_ id: JobID, _ trouble: String?) {
        guard let position = jobPositions[id], jobs[position].outcome != nil else { return }
        jobs[position].isConcluded = true
        jobs[position].trouble = trouble.map { bounded($0, byteCountMax: policy.reasonByteCountMax) }
        forgetOldJobs()
    }

    /// - Complexity: O(jobs) for each job that goes.
    private mutating func forgetOldJobs() {
        var ended = jobs.indices.filter { jobs[$0].isConcluded }
        var taskCount = ended.reduce(0) { $0 + jobs[$1].taskCount }
        while ended.count > 1, ended.count > policy.endedJobsMax || taskCount > policy.endedTasksMax {
            let oldest = ended.removeFirst()
            taskCount -= jobs[oldest].taskCount
            forget(oldest)
            ended = ended.map { $0 - 1 }
        }
    }

    private mutating func forget(_ position: Int) {
        jobPositions[jobs[position].id] = nil
        jobs.remove(at: position)
        for later in position..<jobs.count { jobPositions[jobs[later].id] = later }
        openJobs = openJobs.map { $0 > position ? $0 - 1 : $0 }
    }

    /// Whether there was such a job, and nothing is known of it any more.
    func isForgotten(_ id: JobID) -> Bool { id.number <= jobNumberNewest && jobPositions[id] == nil }
}

extension JobRecord {
    fileprivate var taskCount: Int { maps.records.count + reduces.records.count }
}

/// One job among others, as people see it.
package struct JobOverview: Hashable, Sendable {
    package let id: JobID
    package let terms: JobTerms
    package let plan: JobPlan?
    package let status: JobStatus
    package let parts: PartsStatus
    /// Nothing more is to be done for it.
    package let isConcluded: Bool
    /// What has gone wrong after its success.
    package let trouble: String?
    /// Since the coordinator began.
    package let submitted: JobTime
    /// nil while it goes on.
    package let ended: JobTime?
}

extension Coordinator {
    /// All that are known, the oldest first.
    ///
    /// - Complexity: O(jobs).
    package var jobsOverview: [JobOverview] { jobs.compactMap { overview(of: $0.id) } }

    /// nil for a job that is not known.
    package func overview(of id: JobID) -> JobOverview? {
        guard let position = jobPositions[id], let status = status(of: id) else { return nil }
        let job = jobs[position]
        return JobOverview(
            id: id, terms: job.terms, plan: job.plan, status: status, parts: parts(of: id),
            isConcluded: job.isConcluded, trouble: job.trouble, submitted: job.submitted, ended: job.ended)
    }

    /// The job that reads the output of that one.
    ///
    /// - Complexity: O(jobs).
    package func successor(of id: JobID) -> JobID? { jobs.first { $0.terms.follows == id }?.id }

    /// The last of the jobs that follow each other after that one; that one where none has followed yet.
    ///
    /// - Complexity: O(jobs) for each of them.
    package func lastFollower(of id: JobID) -> JobID {
        var last = id
        while let next = successor(of: last), next > last { last = next }
        return last
    }

    package var servesQueue: Bool { policy.servesQueue }

    /// The highest number that a job has had; 0 before the first.
    package var jobNumberMax: Int { jobNumberNewest }

    /// Of all jobs that are known.
    package var jobNumbers: [JobID] { jobs.map(\.id) }

    package var openJobCount: Int { openJobs.count }

    /// Numbers of the jobs that are not over.
    package var openJobNumbers: [JobID] { openJobs.map { jobs[$0].id } }

    /// The job that people mean who don't say which: the one that goes on for longest, else the newest.
    package var jobToShow: JobID? { openJobNumbers.min() ?? jobs.last?.id }
}
