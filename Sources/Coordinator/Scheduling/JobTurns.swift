import Model

/// Which job the next free slot goes to, while one answer or one round of answers is made.
///
/// The jobs of the highest priority come first. Among them it is the turn of the submitter whose jobs occupy the fewest
/// slots, and of that one's oldest job: so those who submit much don't keep the others waiting. Nothing that runs is
/// stopped for it; shares become equal as tasks end.
struct JobTurns {
    /// Whether more than one job is open. Where there is one, nothing is kept here.
    let isNeeded: Bool
    /// Slots in use by submitter.
    private(set) var loads: [String: Int] = [:]
    /// Positions of jobs of which nothing more is to be had now.
    private var passedOver: Set<Int> = []
    private var isOver = false

    init(loads: [String: Int]?) {
        isNeeded = loads != nil
        self.loads = loads ?? [:]
    }

    func hasPassedOver(_ position: Int) -> Bool { isOver || passedOver.contains(position) }

    /// Nothing more is to be had of it now.
    mutating func passOver(_ position: Int) {
        if isNeeded { passedOver.insert(position) } else { isOver = true }
    }

    /// A task of a job of that submitter was handed out.
    mutating func count(_ submitter: String) {
        if isNeeded { loads[submitter, default: 0] += 1 }
    }
}

extension Coordinator {
    /// - Complexity: O(open jobs); O(1) with one.
    func jobTurns() -> JobTurns {
        guard openJobs.count > 1 else { return JobTurns(loads: nil) }
        var loads: [String: Int] = [:]
        for position in openJobs { loads[jobs[position].terms.submitter, default: 0] += jobs[position].runningCount }
        return JobTurns(loads: loads)
    }

    /// The position of the next job to be asked for a task; nil when none is left.
    ///
    /// - Parameter applications: Those whose jobs count; nil for all.
    /// - Complexity: O(open jobs); O(1) with one.
    func nextJob(_ turns: JobTurns, of applications: [Int]?) -> Int? {
        var best: (position: Int, load: Int)?
        for position in openJobs where !turns.hasPassedOver(position) {
            guard jobs[position].mayGoOn, applications?.contains(jobs[position].application) ?? true else { continue }
            guard turns.isNeeded else { return position }
            if let best, jobs[position].terms.priority < jobs[best.position].terms.priority { break }
            let load = turns.loads[jobs[position].terms.submitter] ?? 0
            if best.map({ load < $0.load }) ?? true { best = (position, load) }
        }
        return best?.position
    }
}
