import ApplicationAPI
import Glibc
import TaskRuntime
import TestSupport
import Testing

@testable import Processes
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
        "A limit on memory is shown with its unit",
        arguments: [(107_374_182, "107374182 bytes"), (1 << 20, "1MiB"), (3 << 30, "3GiB"), (1536, "1536 bytes")]
            as [(Int64, String)])
    func units(byteCount: Int64, shown: String) {
        #expect(ProgramLimits(memoryByteCount: byteCount).memoryOption == "--task-memory \(shown)")
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

    @Test(
        "A program that may use a part of a core gets no more",
        .enabled(if: ControlGroups.ofThisProcess.cpus != nil, "needs control groups"))
    func cpus() async throws {
        // A throttled group says so, however busy the machine is.
        let place = try #require(Self.groups.cpus)
        let group = "\(place.folder)/$(sed -n 's/.*mr-worker-[^/]*\\///p' /proc/self/cgroup | head -1)"
        let job = StreamingJob(
            mapper: "timeout 1 sh -c 'while :; do :; done'; grep nr_throttled \(group)/cpu.stat", cpus: "0.2")
        let words = try await job.part("a\n").split(whereSeparator: { " \t\n".contains($0) })
        #expect(words.first == "nr_throttled")
        #expect((words.last.flatMap { Int($0) } ?? 0) > 0, "\(words)")
        #expect(folders() == [])
    }

    @Test("A program that writes a larger file than it may is ended, and the reason says so")
    func fileSize() async throws {
        let folder = try TemporaryFolder()
        let write = StreamingJob(
            mapper: "exec dd if=/dev/zero of=big bs=1024 count=11", folder: folder.path, fileSize: "10240")
        #expect(
            await reason(write).contains("was killed by SIGXFSZ: it wrote a file of more than --task-file-size 10KiB; ")
        )
        let behind = StreamingJob(
            mapper: "dd if=/dev/zero of=big bs=1024 count=11; exit $?", folder: folder.path, fileSize: "10240")
        #expect(await reason(behind).contains(": it wrote a file of more than --task-file-size 10KiB; "))
        let fits = StreamingJob(
            mapper: "dd if=/dev/zero of=small bs=1024 count=10; yes | head -c 100000 | wc -c", folder: folder.path,
            fileSize: "10240")
        #expect(try await fits.part("a\n") == "100000\t\n", "what goes through pipes is no file")
    }

    @Test("A program that may have few files open gets no more, and a limit of the worker that is lower stays")
    func openFiles() async throws {
        #expect(try await StreamingJob(mapper: "ulimit -n; ulimit -Hn", openFiles: "64").part("") == "64\t\n64\t\n")
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        #expect(
            try await StreamingJob(mapper: "ulimit -Hn", openFiles: "1000000000").part("") == "\(limit.rlim_max)\t\n")
    }

    @Test("By which means limits are held is known without a program")
    func means() throws {
        func means(_ job: StreamingJob, _ step: TaskContext.Step = .map) throws -> Set<LimitMeans> {
            try Streaming(options: job.options).limitMeans(of: step)
        }
        let group: LimitMeans? =
            switch Self.groups.memory?.version {
            case .v1: .cgroupV1
            case .v2: .cgroupV2
            case nil: nil
            }
        #expect(try means(StreamingJob(mapper: "cat", memory: "67108864")) == [group ?? .rlimit])
        #expect(try means(StreamingJob(mapper: "cat", openFiles: "64")) == [.rlimit])
        #expect(try means(StreamingJob(mapper: "cat", cpus: "1")).isSubset(of: [.cgroupV1, .cgroupV2, .none]))
        #expect(try means(StreamingJob(reducer: "cat", memory: "67108864")) == [], "no program runs")
        #expect(try means(StreamingJob(reducer: "cat", fileSize: "1"), .reduce) == [.rlimit])
        #expect(try means(StreamingJob(mapper: "cat")) == [])
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
        for job in [
            StreamingJob(mapper: "cat", cpus: value), StreamingJob(mapper: "cat", fileSize: value),
            StreamingJob(mapper: "cat", openFiles: value),
        ] {
            #expect(throws: ApplicationOptionError.self) { _ = try Streaming(options: job.options) }
        }
    }
}
