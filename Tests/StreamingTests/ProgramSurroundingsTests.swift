import ApplicationAPI
import Glibc
import Streaming
import TestSupport
import Testing

@Suite("What a program finds around itself")
struct ProgramSurroundingsTests {
    @Test("Its task, under the names that programs for Hadoop read, today's and those from before")
    func environment() async throws {
        let names = "env | grep -e ^map -e ^mapred | LC_ALL=C sort"
        let part = try await StreamingJob(mapper: names, reducer: "cat; \(names)").part("12345\n")
        let lines = part.split(separator: "\n").map { String($0).replacing("\t", with: "") }
        let files = lines.filter { $0.contains("map_input_file=") }
        let file = try #require(files.first)
        #expect(file.hasPrefix("map_input_file=/") && file.hasSuffix("/input"))
        #expect(files == [file, "mapreduce_\(file)"])
        func ofTask(_ kind: String, isMap: Bool) -> [String] {
            [
                "mapred_job_id=job_0_0001", "mapred_job_name=streaming",
                "mapred_task_id=attempt_0_0001_\(kind)_000000_0", "mapred_task_is_map=\(isMap)",
                "mapred_task_partition=0", "mapred_tip_id=task_0_0001_\(kind)_000000",
                "mapreduce_job_id=job_0_0001", "mapreduce_job_name=streaming",
                "mapreduce_task_attempt_id=attempt_0_0001_\(kind)_000000_0",
                "mapreduce_task_id=task_0_0001_\(kind)_000000", "mapreduce_task_ismap=\(isMap)",
                "mapreduce_task_partition=0",
            ]
        }
        let input = ["map_input_length=6", "map_input_start=0"]
        let map = input + ofTask("m", isMap: true) + input.map { "mapreduce_\($0)" }
        #expect(lines.filter { !files.contains($0) } == map.sorted() + ofTask("r", isMap: false))
    }

    @Test("How many tasks the job has, where the master says so")
    func taskCounts() async throws {
        var values = StreamingJob(mapper: "env | grep -e ^mapred | LC_ALL=C sort").options.values
        values["job-maps"] = Array("12".utf8)
        values["job-reduces"] = Array("3".utf8)
        let part = try await StreamingJob.part("a\n", ApplicationOptions(values))
        for line in [
            "mapred_map_tasks=12", "mapred_reduce_tasks=3", "mapreduce_job_maps=12", "mapreduce_job_reduces=3",
        ] {
            #expect(part.contains("\(line)\t\n"), "\(part)")
        }
    }

    @Test(
        "Variables of the job, in mapper, combiner and reducer, whatever bytes their values are; not in place of the task's"
    )
    func jobVariables() async throws {
        let show = #"printf '%s' "$a_1|$EMPTY|$PATH_OF_IT" | od -An -tx1 | tr -d ' \n'; echo"#
        let job = StreamingJob(
            mapper: "cat >/dev/null; \(show)", reducer: "cat; \(show)", combiner: "cat; \(show)",
            env: ["a_1": [0xFF, 10, 61], "EMPTY": [], "PATH_OF_IT": Array("x y".utf8)])
        #expect(try await job.part("a\n") == "ff0a3d7c7c782079\t\nff0a3d7c7c782079\t\nff0a3d7c7c782079\n")
    }

    @Test(
        "A variable that can't be one is refused with what is wrong",
        arguments: [
            ("", "is not NAME=VALUE"), ("A", "is not NAME=VALUE"), ("=1", "has a name that is not made of"),
            ("1A=1", "has a name that is not made of"), ("A B=1", "has a name that is not made of"),
            ("Ä=1", "has a name that is not made of"), ("MR_X=1", "begins with MR_"), ("MR_=", "begins with MR_"),
            ("mapreduce_task_id=1", "each task gives"), ("map_input_file=", "each task gives"), ("A=\0", "NUL"),
        ])
    func oddVariables(text: String, says: String) {
        let error = #expect(throws: OwnVariableError.self) { try OwnVariables.variable(Array(text.utf8)) }
        #expect(error?.problem.contains(says) == true)
    }

    @Test("Variables are taken as they are typed: the first = ends the name")
    func variables() throws {
        let (name, value) = try OwnVariables.variable(Array("_a1==b= ".utf8))
        #expect(name == "_a1" && value == Array("=b= ".utf8))
        #expect(try OwnVariables.variable(Array("MRX=".utf8)).value.isEmpty)
    }

    @Test("The worker's own variables, but for those that no shell can name")
    func ownVariables() async {
        await #expect(processExitsWith: .success) {
            setenv("1st", "one", 1)
            setenv("mr_test", "two", 1)
            let part = try await StreamingJob(mapper: "env | grep -e ^1st -e ^mr_test").part("a\n")
            #expect(part == "mr_test=two\t\n")
        }
    }

    @Test("No credential of this project, nor where one is; other variables that begin with MR_ are the user's own")
    func credentials() async {
        await #expect(processExitsWith: .success) {
            for name in [
                "MR_JOIN", "MR_JOIN_FILE", "MR_TOKEN", "MR_STATE_DIR", "MR_ADMIN_SECRET", "MR_TLS_KEY", "MR_STATE",
                "MR_X_TOKEN_2",
            ] {
                setenv(name, "hidden", 1)
            }
            for name in ["MR_INPUTS", "MR_JOINED", "XMR_TOKEN", "MRTOKEN", "JOIN", "MR_"] { setenv(name, "seen", 1) }
            let names = "env | grep -e =hidden -e =seen | sort"
            let seen = "JOIN=seen\nMRTOKEN=seen\nMR_=seen\nMR_INPUTS=seen\nMR_JOINED=seen\nXMR_TOKEN=seen\n"
            let job = StreamingJob(mapper: "cat", reducer: "LC_ALL=C; export LC_ALL; \(names)")
            let part = try await job.part("a\n")
            #expect(part == seen)
        }
    }

    @Test("The folder that the job names; where that is not, the worker's own")
    func folder() async throws {
        let folder = try TemporaryFolder()
        folder.write("map.sh", "tr a b")
        #expect(try await StreamingJob(mapper: "sh ./map.sh", folder: folder.path).part("aa\n") == "bb\t\n")
        let own = try await StreamingJob(mapper: "pwd").part("a\n")
        #expect(try await StreamingJob(mapper: "pwd", folder: "\(folder.path)/nowhere").part("a\n") == own)
    }

    @Test("Every signal has its usual meaning, and the process group is the program's own")
    func signals() async throws {
        let job = StreamingJob(
            mapper: #"""
                for name in HUP INT PIPE TERM CHLD; do sh -c "kill -$name \$\$"; echo "$name $?"; done
                test "$(cut -d ' ' -f 5 /proc/$$/stat)" = $$ && echo own
                """#)
        #expect(try await job.part("a\n") == "CHLD 0\t\nHUP 129\t\nINT 130\t\nPIPE 141\t\nTERM 143\t\nown\t\n")
    }

    @Test("No open file but standard input, output and error")
    func descriptors() async throws {
        // The last one is the folder that ls reads.
        #expect(try await StreamingJob(mapper: "ls /proc/self/fd").part("a\n") == "0\t\n1\t\n2\t\n3\t\n")
    }

    @Test("Nor one that the worker forgot to close on exec, a folder for one, in a mapper, combiner or reducer")
    func leakedDescriptors() async throws {
        let folder = try TemporaryFolder()
        let leaks = (0..<40).map { _ in open(folder.path, O_RDONLY | O_DIRECTORY) }
        defer { for leak in leaks { close(leak) } }
        #expect(leaks.allSatisfy { $0 >= 0 })
        let list = #"for n in /proc/$$/fd/*; do printf '%s ' "${n##*/}"; done"#
        let job = StreamingJob(
            mapper: "cat; \(list); echo", reducer: "cat; \(list); echo", combiner: "cat; \(list); echo")
        let part = try await job.part("x\n")
        // A shell reads the folder by the number 3.
        let numbers = Set(part.split(whereSeparator: { " \t\n".contains($0) }).compactMap { Int($0) })
        #expect(numbers.isSuperset(of: [0, 1, 2]) && numbers.isSubset(of: [0, 1, 2, 3, 10]), "\(part)")
    }

    @Test("Options that can't work are refused with their name")
    func options() {
        func problem(_ values: [String: String]) -> String {
            do {
                _ = try Streaming(options: ApplicationOptions(values.mapValues { Array($0.utf8) }))
                return "none"
            } catch {
                return "\(error)"
            }
        }
        #expect(problem([:]).contains("option mapper is missing, and so is reducer"))
        #expect(problem(["combiner": "cat"]).contains("option mapper is missing, and so is reducer"))
        #expect(problem(["mapper": " \n"]).contains("is empty"))
        #expect(problem(["reducer": "a\0b"]).contains("option reducer holds a NUL byte"))
        #expect(problem(["mapper": String(repeating: "x", count: 65_537)]).contains("65536 are allowed"))
        #expect(problem(["reducer": "cat"]) == "none")
    }
}
