package import Model
import WorkerProtocol

/// A job as the master serves it: what was planned, and the folder that receives it.
package final class ServedJob: Sendable {
    package let plan: JobPlan
    /// nil once all is done there, and somebody else may claim it.
    package let output: OutputFolder?
    /// The folder that is kept for the last of the jobs that follow each other; nil where this is the last.
    package let reserved: OutputClaim?
    /// Absolute.
    package let outputPath: [UInt8]
    /// What the plan says to each worker once.
    let message: JobMessage

    package var id: JobID { plan.id }

    package convenience init(plan: JobPlan, output: OutputFolder, reserving reserved: OutputClaim? = nil) {
        self.init(plan: plan, output: output, reserved: reserved, outputPath: output.absolutePath)
    }

    /// A job that is only looked back at.
    convenience init(plan: JobPlan, outputPath: [UInt8]) {
        self.init(plan: plan, output: nil, reserved: nil, outputPath: outputPath)
    }

    private init(plan: JobPlan, output: OutputFolder?, reserved: OutputClaim?, outputPath: [UInt8]) {
        self.plan = plan
        self.output = output
        self.reserved = reserved
        self.outputPath = outputPath
        message = JobMessage(
            id: plan.id, application: plan.application, reduceCount: plan.reduceCount, cutPoints: plan.cutPoints,
            skippedRecordsMax: plan.skippedRecordsMax, forms: plan.forms,
            shipped: Dictionary(
                uniqueKeysWithValues: plan.shipped.enumerated().map { (plan.files.count + $0.offset, $0.element) }))
    }

    /// Where it leaves word of its failure: where the last of the jobs that follow each other would have written. nil once all
    /// is done there.
    var failure: FailureFolder? { reserved.map { FailureFolder(output: $0.descriptor) } ?? output?.failure }

    /// Where its parts are made.
    var destination: ReduceDestination {
        ReduceDestination(folder: output?.draftsPath ?? [], marker: output?.marker ?? "")
    }

    /// The same when nothing more is done to its output.
    var concluded: ServedJob { ServedJob(plan: plan, outputPath: outputPath) }
}
