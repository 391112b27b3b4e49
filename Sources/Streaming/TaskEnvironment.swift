import ApplicationAPI

/// What programs find in their environment about their task and its job, under the names that Hadoop's have: today's, and
/// those from before it, which many programs still read.
enum TaskEnvironment {
    /// - Parameters:
    ///   - mapCount: How many map tasks the job has; nil where nobody said.
    ///   - reduceCount: The same of reduce tasks.
    static func variables(of task: TaskContext, mapCount: Int?, reduceCount: Int?) -> [String: [UInt8]] {
        let job = "\(padded(task.jobNumber, 4))"
        let kind = task.step == .map ? "m" : "r"
        let taskName = "0_\(job)_\(kind)_\(padded(task.taskIndex, 6))"
        var variables: [String: [UInt8]] = [:]
        func set(_ names: [String], _ value: some Collection<UInt8>) {
            for name in names { variables[name] = Array(value) }
        }
        set(Name.job, "job_0_\(job)".utf8)
        set(Name.jobName, Streaming.name.utf8)
        set(Name.task, "task_\(taskName)".utf8)
        // Hadoop counts attempts from 0.
        set(Name.attempt, "attempt_\(taskName)_\(task.attemptNumber - 1)".utf8)
        set(Name.partition, "\(task.taskIndex)".utf8)
        set(Name.isMap, (task.step == .map ? "true" : "false").utf8)
        if let mapCount { set(Name.maps, "\(mapCount)".utf8) }
        if let reduceCount { set(Name.reduces, "\(reduceCount)".utf8) }
        if let input = task.input {
            set(Name.inputFile, input.path)
            set(Name.inputStart, "\(input.offset)".utf8)
            set(Name.inputLength, "\(input.byteCount)".utf8)
        }
        return variables
    }

    /// Each with its older names after it. Where Hadoop turned the words round, that is meant: `mapred_task_id` is an
    /// attempt's, and `mapred_tip_id` a task's.
    private enum Name {
        static let job = ["mapreduce_job_id", "mapred_job_id"]
        static let jobName = ["mapreduce_job_name", "mapred_job_name"]
        static let task = ["mapreduce_task_id", "mapred_tip_id"]
        static let attempt = ["mapreduce_task_attempt_id", "mapred_task_id"]
        static let partition = ["mapreduce_task_partition", "mapred_task_partition"]
        static let isMap = ["mapreduce_task_ismap", "mapred_task_is_map"]
        static let maps = ["mapreduce_job_maps", "mapred_map_tasks"]
        static let reduces = ["mapreduce_job_reduces", "mapred_reduce_tasks"]
        static let inputFile = ["mapreduce_map_input_file", "map_input_file"]
        static let inputStart = ["mapreduce_map_input_start", "map_input_start"]
        static let inputLength = ["mapreduce_map_input_length", "map_input_length"]
    }

    /// Every name that a task gives a value of its own.
    static let names = Set(
        [
            Name.job, Name.jobName, Name.task, Name.attempt, Name.partition, Name.isMap, Name.maps, Name.reduces,
            Name.inputFile, Name.inputStart, Name.inputLength,
        ].joined())

    private static func padded(_ number: Int, _ digitCount: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, digitCount - digits.count)) + digits
    }
}
