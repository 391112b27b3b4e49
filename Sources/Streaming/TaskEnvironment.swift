import ApplicationAPI

/// What programs find in their environment about their task, under the names that Hadoop's have.
enum TaskEnvironment {
    static func variables(of task: TaskContext) -> [String: [UInt8]] {
        let job = "\(padded(task.jobNumber, 4))"
        let kind = task.step == .map ? "m" : "r"
        let taskName = "0_\(job)_\(kind)_\(padded(task.taskIndex, 6))"
        var text = [
            "mapreduce_job_id": "job_0_\(job)",
            "mapreduce_task_id": "task_\(taskName)",
            // Hadoop counts attempts from 0.
            "mapreduce_task_attempt_id": "attempt_\(taskName)_\(task.attemptNumber - 1)",
            "mapreduce_task_partition": "\(task.taskIndex)",
            "mapreduce_task_ismap": task.step == .map ? "true" : "false",
        ].mapValues { Array($0.utf8) }
        if let input = task.input {
            text["mapreduce_map_input_file"] = input.path
            text["mapreduce_map_input_start"] = Array("\(input.offset)".utf8)
            text["mapreduce_map_input_length"] = Array("\(input.byteCount)".utf8)
        }
        return text
    }

    private static func padded(_ number: Int, _ digitCount: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, digitCount - digits.count)) + digits
    }
}
