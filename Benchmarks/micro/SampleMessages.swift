import Model
import WorkerProtocol

/// What a worker with short map tasks and its master say to each other: eight reports, and eight tasks more.
enum SampleMessages {
    private static let taskCount = 8

    private static func attempt(_ index: Int) -> AttemptID {
        AttemptID(task: TaskID(job: JobID(number: 1), kind: .map, index: 12_000 + index), number: 1)
    }

    static var request: PollRequest {
        var counters = TaskCounters()
        counters.inputRecords = 300_000
        counters.inputBytes = 16 << 20
        counters.mapOutputRecords = 3_000_000
        counters.intermediateRecords = 60_000
        counters.intermediateBytes = 700_000
        let result = AttemptResult(output: OutputSummary(byteCount: 700_000, checksum: 0xC0FFEE), counters: counters)
        return PollRequest(
            worker: WorkerID(number: 7), instance: "5f3a9c1d77e04b62", sequence: 1_234,
            reports: (0..<taskCount).map { AttemptReport(attempt: attempt($0), outcome: .succeeded(result)) },
            running: (taskCount..<2 * taskCount).map(attempt), capacity: taskCount, waitMax: .seconds(3))
    }

    /// The worker has heard of it before.
    static let job = JobMessage(id: JobID(number: 1), application: ApplicationChoice(name: "wordcount"), reduceCount: 4)

    static var response: PollResponse {
        let file = InputFile(
            path: Array("/srv/data/input/part-00012.txt".utf8), name: Array("part-00012.txt".utf8),
            byteCount: 1 << 30, modifiedNanoseconds: 1_795_000_000_000_000_000)
        return PollResponse(
            verdicts: Array(repeating: .accepted, count: taskCount),
            assignments: (0..<taskCount).map { index in
                AssignmentMessage(
                    attempt: attempt(2 * taskCount + index), job: job,
                    work: .map(
                        pieces: [SplitPiece(fileIndex: 12, offset: Int64(index) << 24, byteCount: 16 << 20)],
                        files: [12: file]))
            })
    }
}
