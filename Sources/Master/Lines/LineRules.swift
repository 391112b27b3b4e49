import Model
import TaskRuntime

/// Which jobs' data may travel as text between the master and workers that know nothing of files.
enum LineRules {
    private static let counting = "wordcount"
    private static let programs = "streaming"

    /// Options of programs that nobody but mr-worker heeds.
    private static let ownOptions = [
        "partition-key", "sort-key", "total-order", "env", "task-memory", "task-processes", "task-cpus",
        "task-file-size",
        "task-open-files",
    ]

    static func values(of plan: JobPlan) -> PairValues {
        if plan.application.name == counting { return .counts }
        return .bytes(sorted: plan.application.options["combiner"] != nil)
    }

    /// Why a worker that is given text can't take part in a job; nil when it can.
    static func obstacle(to plan: JobPlan) -> String? {
        guard let obstacle = found(plan) else { return nil }
        return "the job has \(obstacle): that is for mr-worker"
    }

    private static func found(_ plan: JobPlan) -> String? {
        guard [counting, programs].contains(plan.application.name) else {
            return "the application \(plan.application.name)"
        }
        if let option = ownOptions.first(where: { plan.application.options[$0] != nil }) { return "--\(option)" }
        if plan.forms.output != .text { return "--output-format \(plan.forms.output.rawValue)" }
        if let compression = plan.forms.compression { return "--compress \(compression.rawValue)" }
        if !plan.shipped.isEmpty { return "--files or --archives" }
        if plan.skippedRecordsMax > 0 { return "--skip-bad-records" }
        if plan.cutPoints != nil { return "parts that are ranges of keys" }
        if plan.application.name == counting, let input = plan.forms.input, ![.lines, .csv, .file].contains(input) {
            return "--input-format \(input.text)"
        }
        return nil
    }
}
