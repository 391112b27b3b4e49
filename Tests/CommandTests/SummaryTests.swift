import JSON
import Model
import Testing

@testable import Coordinator
@testable import MasterCommand

@Suite("What is said of a job")
struct SummaryTests {
    @Test("JSON text is escaped")
    func escaping() {
        let value = JSONText.object([
            ("a\"\\\n\u{1}", .array([.string("ü\t"), .integer(-1), .number(0.5), .number(.nan)]))
        ])
        #expect(value.text == #"{"a\"\\\n\u0001":["ü\t",-1,0.5,null]}"#)
    }

    @Test("a failure names the task, its input range and its history, on lines of their own")
    func failure() {
        let file = InputFile(path: [0x2f], name: Array("in put".utf8), byteCount: 100, modifiedNanoseconds: 0)
        let failure = JobFailure(
            task: TaskID(job: JobID(number: 1), kind: .map, index: 3),
            pieces: [SplitPiece(fileIndex: 0, offset: 10, byteCount: 20)], reason: "broke\u{1B}[2J",
            history: ["one", "two"])
        #expect(
            FailureText.of(failure, files: [file])
                == "the job failed at map 3 (in put bytes 10 to 30): broke [2J\n  one\n  two")
    }

    @Test("a failure shows each different error once, with all of its lines, and how often it came")
    func repeatedFailure() {
        let words = "exit code 7:\n  first\n \u{1B}[1msecond"
        let other = "exit code 8 (odd):\n  third"
        let failure = JobFailure(
            task: TaskID(job: JobID(number: 1), kind: .map, index: 0), pieces: [],
            reason: "map 0 failed 4 times (the limit), the last time on worker b: \(words)",
            history: [
                "attempt 1 on worker a: failed: \(words) (0.1 s)", "attempt 2 on worker b: failed: \(other) (0.2 s)",
                "attempt 3 on worker a: handed back (0.3 s)", "attempt 4 on worker a: failed: \(other) (0.4 s)",
                "attempt 5 on worker b: failed: \(words) (0.5 s)",
            ])
        #expect(
            FailureText.of(failure, files: []).split(separator: "\n") == [
                "the job failed at map 0: map 0 failed 4 times (the limit), the last time on worker b: exit code 7:",
                "  first", "  [1msecond", "  2 times, the last in attempt 5 on worker b: as above",
                "  2 times, the last in attempt 4 on worker a: failed: exit code 8 (odd):", "  third",
                "  attempt 3 on worker a: handed back",
            ])
    }

    @Test("the means by which programs were limited are named, with the number of tasks")
    func limits() {
        var counters = TaskCounters()
        #expect(LimitText.of(counters) == nil)
        counters.limitedByCgroupV1 = 10
        counters.limitedByRlimits = 1
        #expect(LimitText.of(counters) == "by cgroup v1 (10 tasks), by rlimits (1 task)")
        counters.limitsNotHeld = 2
        #expect(LimitText.of(counters)?.hasSuffix(", --task-cpus not held (2 tasks)") == true)
    }

    private func summary(_ counters: UserCounters) -> JobSummary {
        let plan = JobPlan(
            id: JobID(number: 1), application: ApplicationChoice(name: "streaming", options: [:]), files: [],
            splits: [], reduceCount: 1, allowsSimpleWorkers: false)
        let none = TaskStatus(total: 0, pending: 0, running: 0, completed: 0)
        let status = JobStatus(
            maps: none, reduces: none, attemptsMade: 0, liveWorkers: 0, inputBytesDone: 0, inputBytesTotal: 0,
            counters: TaskCounters(), userCounters: counters, topKeys: [], isFinishing: false, outcome: .succeeded)
        return JobSummary(plan: plan, status: status, outcome: .succeeded, elapsed: .seconds(1), output: [0x6F])
    }

    @Test("what the application counts is in the summary, and by group in --json, with odd bytes as escapes")
    func userCounters() {
        func counter(_ group: String, _ name: [UInt8], _ value: Int64) -> UserCounter {
            UserCounter(name: CounterName(group: Array(group.utf8), name: name), value: value)
        }
        let counters = UserCounters(
            [counter("b", [0xFF, 0x1B], -3), counter("a", Array("x y".utf8), .max), counter("b", [], 0)], isCut: true)
        #expect(
            summary(counters).text.contains(
                """
                counters
                  9223372036854775807  a: x y
                           0  b: \("")
                          -3  b: \\xff\\x1b
                  there were more than 120 counters; what came under other names is not counted

                """), "\(summary(counters).text)")
        let json = summary(counters).json
        #expect(
            json.contains(
                #""user_counters":{"a":{"x y":9223372036854775807},"b":{"":0,"\\xff\\x1b":-3}},"user_counters_cut":true"#
            ),
            "\(json)")
        #expect(!summary(UserCounters()).text.contains("counters"))
        #expect(summary(UserCounters()).json.contains(#""user_counters":{},"user_counters_cut":false"#))
    }

    @Test("notices can't move the cursor")
    func notices() {
        let attempt = AttemptID(task: TaskID(job: JobID(number: 1), kind: .map, index: 17), number: 1)
        let text = NoticeText.of(.leaseExpired(attempt, worker: "b\r\u{1B}[A", silence: .seconds(10)))
        #expect(text == "map 17: worker b  [A fell silent for 10 s, reassigned")
    }

    @Test("the live view fits the terminal", arguments: [20, 40, 80, 200])
    func picture(width: Int) {
        let counts = TaskStatus(total: 64, pending: 20, running: 4, completed: 40)
        let status = JobStatus(
            maps: counts, reduces: TaskStatus(total: 4, pending: 4, running: 0, completed: 0), attemptsMade: 44,
            liveWorkers: 2, inputBytesDone: 40 << 20, inputBytesTotal: 64 << 20, counters: TaskCounters(), topKeys: [],
            isFinishing: false, outcome: nil)
        let lines = ProgressPicture(status: status, elapsed: .seconds(4), lastEvent: "e", width: width).lines
        #expect(lines.count == 4)
        #expect(lines.allSatisfy { $0.count <= width })
        if width >= 80 {
            #expect(lines[0].contains("40 done, 4 running, 64 in all"))
            #expect(lines[2].contains("2 workers") && lines[2].contains("ETA"))
        }
    }

    @Test(
        "durations are short",
        arguments: [(0.04, "0.0 s"), (9.94, "9.9 s"), (59.6, "60 s"), (100, "1 min 40 s"), (7_260, "2 h 1 min")])
    func durations(seconds: Double, text: String) {
        #expect(TimeText.of(.seconds(seconds)) == text)
    }

    @Test("a slip of the pen is near, another word is not")
    func distance() {
        #expect(EditDistance.between("wordcount", "wordcoutn") == 2)
        #expect(EditDistance.between("grep", "grep") == 0)
        #expect(EditDistance.between("", "abc") == 3)
        #expect(EditDistance.between("index", "line-lengths") > 2)
    }
}
