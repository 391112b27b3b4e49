import Glibc
import TestSupport
import Testing

@Suite("Programs of a worker that has few descriptors left")
struct DescriptorTests {
    @Test("Each attempt ends by itself, however many there are, and once there are enough it succeeds")
    func fewDescriptors() async {
        await #expect(processExitsWith: .success) {
            let whole = try DescriptorTests.raiseLimit()
            // What never ends must not hold up whoever runs the tests.
            alarm(120)
            var reasons: [String] = []
            var successCount = 0
            for count in 3..<26 {
                try allowDescriptors(count)
                do {
                    let part = try await StreamingJob(mapper: "cat", reducer: "cat").part("b\na\n")
                    #expect(part == "a\t\nb\t\n")
                    successCount += 1
                } catch {
                    reasons.append("\(error)")
                }
                #expect(try DescriptorTests.raiseLimit() == whole)
            }
            #expect(
                reasons.contains { $0.contains("no pipe to a program") && $0.contains("(ulimit -n)") }, "\(reasons)")
            #expect(successCount > 0)
            #expect(try await StreamingJob(mapper: "cat", reducer: "cat").part("b\na\n") == "a\t\nb\t\n")
        }
    }

    @Test("A guard that was killed is replaced, and programs go on")
    func guardReplaced() async {
        await #expect(processExitsWith: .success) {
            alarm(120)
            let folder = try TemporaryFolder()
            folder.write(
                "end-guard",
                """
                for child in $(cat /proc/$PPID/task/*/children); do
                    if grep -qs "trap '' HUP" /proc/$child/cmdline; then kill -KILL $child; echo killed; fi
                done
                """)
            for _ in 0..<2 {
                #expect(
                    try await StreamingJob(mapper: ". ./end-guard", folder: folder.path).part("a\n") == "killed\t\n")
                #expect(try await StreamingJob(mapper: "cat").part("a\n") == "a\t\n")
            }
        }
    }

    static func raiseLimit() throws -> rlim_t {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        getrlimit(resource, &limit)
        limit.rlim_cur = limit.rlim_max
        guard setrlimit(resource, &limit) == 0 else { throw FileTrouble(number: errno) }
        return limit.rlim_cur
    }
}
