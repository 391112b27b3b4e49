package import Coordinator
import LocalMachine
package import Model

/// Jobs that an earlier master has left, with their output folders claimed anew where there is more to be done in them.
package struct RestoredJobs {
    package private(set) var jobs: [ServedJob] = []
    /// Those that can't go on, with why.
    package private(set) var lost: [JobID: String] = [:]

    /// - Parameter claim: Claims the folder of that path, which may be one that is claimed already.
    package init(_ all: [JobOverview], claim: ([UInt8]) throws -> OutputClaim) {
        for overview in all {
            guard let plan = overview.plan, let details = overview.terms.details.flatMap(JobDetails.init) else {
                lost[overview.id] = "the journal does not say what it was"
                continue
            }
            restore(overview, plan, details, claim)
        }
    }

    /// Where the last of the jobs that follow each other writes: the others have a folder in it.
    private static func parent(of path: [UInt8]) -> [UInt8] {
        Array(path[..<(path.lastIndex(of: UInt8(ascii: "/")) ?? 0)])
    }

    private mutating func restore(
        _ overview: JobOverview, _ plan: JobPlan, _ details: JobDetails, _ claim: ([UInt8]) throws -> OutputClaim
    ) {
        guard !overview.isConcluded else {
            return jobs.append(ServedJob(plan: plan, outputPath: details.output))
        }
        do {
            let output = try OutputFolder(
                claim(details.output), marker: details.marker, resuming: overview.parts,
                compression: plan.forms.compression)
            let isFollowed = overview.terms.expectsSuccessor
            let reserved = try isFollowed ? claim(Self.parent(of: details.output)) : nil
            jobs.append(ServedJob(plan: plan, output: output, reserving: reserved))
        } catch {
            jobs.append(ServedJob(plan: plan, outputPath: details.output))
            if overview.status.outcome == nil {
                lost[overview.id] = "it can't go on in '\(DisplayName.of(details.output))': \(error)"
            }
        }
    }
}
