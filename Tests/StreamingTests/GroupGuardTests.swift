import Glibc
import TestSupport
import Testing

@testable import Processes
@testable import Streaming

@Suite("The guard over programs")
struct GroupGuardTests {
    /// Larger than any process that there is.
    private static let group: pid_t = 1 << 30

    @Test("What cannot be started for want of descriptors is told, leaks none, and is there once there are some again")
    func noDescriptors() async {
        await #expect(processExitsWith: .success) {
            // What all programs share is made with the first one.
            _ = try await StreamingJob(mapper: "cat").part("a\n")
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            let openBefore = openDescriptors()
            let guardian = GroupGuard()
            for count in 0...4 {
                try allowDescriptors(count)
                // Where the start begins to succeed is no matter here.
                let isHeld = (try? guardian.hold(GroupGuardTests.group)) != nil
                setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
                if isHeld { break }
                #expect(openDescriptors() == openBefore, "with \(count) descriptors")
            }
            try guardian.hold(GroupGuardTests.group)
            #expect(children(named: "sh").count == 2, "the guard of all programs, and this one")
            guardian.release(GroupGuardTests.group)
        }
    }

    @Test("A guard that is gone and cannot be replaced is not written to any more")
    func staleLifeline() async {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            _ = try await StreamingJob(mapper: "cat").part("a\n")
            let others = children(named: "sh")
            let guardian = GroupGuard()
            try guardian.hold(GroupGuardTests.group)
            for child in children(named: "sh") where !others.contains(child) { kill(child, SIGKILL) }
            try await eventually("the guard to end") { children(named: "sh") == others ? () : nil }
            BrokenPipes.ignoreInThisThread()
            signal(SIGPIPE, SIG_IGN)
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            try allowDescriptors(0)
            #expect(throws: ProcessError.self) { try guardian.hold(GroupGuardTests.group - 1) }
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            // It gets the lowest number that is free: the one that the lifeline had.
            let path = folder.write("file", "")
            let files = (0..<8).map { _ in open(path, O_WRONLY | O_APPEND | O_CLOEXEC) }
            guardian.release(GroupGuardTests.group)
            guardian.release(GroupGuardTests.group - 1)
            #expect(try read(path) == [])
            for file in files { close(file) }
        }
    }
}

private func openDescriptors() -> [String] {
    // The folder itself is open while it is read.
    TemporaryFolder.names(in: "/proc/self/fd").filter { access("/proc/self/fd/\($0)", F_OK) == 0 }
}

/// Processes that this one has started and that have not ended.
private func children(named name: String) -> Set<pid_t> {
    Set(
        TemporaryFolder.names(in: "/proc").compactMap { pid_t($0) }.filter { pid in
            guard let bytes = try? readAll("/proc/\(pid)/stat") else { return false }
            // "number (name) state parent ..."
            let fields = String(decoding: bytes, as: UTF8.self).split(separator: " ")
            return fields.count > 3 && fields[1] == "(\(name))" && fields[2] != "Z" && fields[3] == "\(getpid())"
        })
}

/// Of files whose length the kernel does not tell.
private func readAll(_ path: String) throws -> [UInt8] {
    guard let file = fopen(path, "rb") else { throw FileTrouble(number: errno) }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 4_096)
    let count = fread(&bytes, 1, bytes.count, file)
    return Array(bytes[..<count])
}
