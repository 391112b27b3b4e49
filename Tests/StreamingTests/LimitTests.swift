import ApplicationAPI
import Glibc
import TaskRuntime
import TestSupport
import Testing

@testable import Streaming

@Suite("Limits of programs")
struct LimitTests {
    private func reason(_ job: StreamingJob, _ input: String = "a\n") async -> String {
        do {
            _ = try await job.run(input)
            return "it did not fail"
        } catch {
            return "\(error)"
        }
    }

    private static let groups = ControlGroups.ofThisProcess

    private func folders() -> [String] {
        Self.groups.folders.flatMap { TemporaryFolder.names(in: $0) }.filter { $0.allSatisfy(\.isNumber) }
    }

    @Test("A program that takes more memory than it may is killed, the reason says so, and nothing is left")
    func memory() async {
        let hog = await reason(
            StreamingJob(mapper: "exec awk 'BEGIN {s = \"x\"; while (1) s = s s}'", memory: "67108864"))
        if Self.groups.memory != nil {
            #expect(hog.contains("was killed by SIGKILL: it used more than --task-memory 64MiB; "), "\(hog)")
        } else {
            #expect(hog.contains("ended with exit code"), "\(hog)")
        }
        #expect(folders() == [])
    }

    @Test(
        "A program that starts more processes than it may can't, and the reason says so",
        .enabled(if: ControlGroups.ofThisProcess.processes != nil, "needs control groups"))
    func processes() async {
        let job = StreamingJob(
            mapper: "for n in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 1000 & done; exit 1", processes: "10")
        let reason = await reason(job)
        #expect(reason.contains(": it could not start processes: --task-processes 10; "), "\(reason)")
        #expect(folders() == [])
    }

    @Test(
        "What leaves the process group of a limited program is killed with it",
        .enabled(if: ControlGroups.ofThisProcess.processes != nil, "needs control groups"))
    func escaped() async throws {
        let folder = try TemporaryFolder()
        let job = StreamingJob(
            mapper: "setsid sleep 1000 > /dev/null 2>&1 & echo $! > pid; sleep 0.2; cat", folder: folder.path,
            processes: "10")
        #expect(try await job.part("a\n") == "a\t\n")
        let pid = try #require(pid_t(String(decoding: try read("\(folder.path)/pid"), as: UTF8.self).dropLast()))
        try await eventually("process \(pid) to end") { isGone(pid) ? () : nil }
        #expect(folders() == [])
    }

    @Test("Within its limits a program does as without, and goes first when the machine has no memory left")
    func within() async throws {
        let job = StreamingJob(mapper: "cat; cat /proc/self/oom_score_adj", memory: "1073741824", processes: "100")
        #expect(try await job.part("a\n") == "500\t\na\t\n")
        #expect(try await StreamingJob(mapper: "cat /proc/self/oom_score_adj").part("") == "500\t\n")
    }

    @Test("A limit that is none is refused", arguments: ["0", "-1", "x"])
    func wrong(value: String) {
        #expect(throws: ApplicationOptionError.self) {
            _ = try Streaming(options: StreamingJob(mapper: "cat", memory: value).options)
        }
        #expect(throws: ApplicationOptionError.self) {
            _ = try Streaming(options: StreamingJob(mapper: "cat", processes: value).options)
        }
    }
}
