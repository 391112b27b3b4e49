import ApplicationAPI
import Glibc
import Streaming
import TestSupport
import Testing

@Suite("What a program finds around itself")
struct ProgramSurroundingsTests {
    @Test("Its task, under the names that programs for Hadoop read")
    func environment() async throws {
        let names = "env | grep ^mapreduce_ | sort"
        let part = try await StreamingJob(mapper: names, reducer: "cat; \(names)").part("12345\n")
        let lines = part.split(separator: "\n").map { $0.replacing("\t", with: "") }
        let file = try #require(lines.first { $0.hasPrefix("mapreduce_map_input_file=") })
        #expect(file.hasPrefix("mapreduce_map_input_file=/") && file.hasSuffix("/input"))
        #expect(
            lines.filter { $0 != file } == [
                "mapreduce_job_id=job_0_0001",
                "mapreduce_map_input_length=6",
                "mapreduce_map_input_start=0",
                "mapreduce_task_attempt_id=attempt_0_0001_m_000000_0",
                "mapreduce_task_id=task_0_0001_m_000000",
                "mapreduce_task_ismap=true",
                "mapreduce_task_partition=0",
                "mapreduce_job_id=job_0_0001",
                "mapreduce_task_attempt_id=attempt_0_0001_r_000000_0",
                "mapreduce_task_id=task_0_0001_r_000000",
                "mapreduce_task_ismap=false",
                "mapreduce_task_partition=0",
            ])
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
