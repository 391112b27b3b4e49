import Functions
import Glibc
import Processes
import TestSupport
import Testing
import XMLRPC

@Suite("Programs as functions")
struct ProgramTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func program(
        _ text: String, name: String = "f.sh", settings: ProgramSettings = ProgramSettings()
    ) -> FunctionProgram {
        FunctionProgram(folder.write(name, text), settings: settings)
    }

    private static let yes =
        "<methodResponse><params><param><value><boolean>1</boolean></value></param></params></methodResponse>"

    /// A Python program that answers with all that it was called with.
    private static let echo = """
        import os, sys, xmlrpc.client
        parameters, name = xmlrpc.client.loads(sys.stdin.buffer.read(), use_builtin_types=True)
        answer = {"parameters": parameters, "name": name, "variable": os.environ["MR_FUNCTION"]}
        sys.stdout.buffer.write(xmlrpc.client.dumps((answer,), methodresponse=True).encode())
        """

    @Test(
        "A program gets a methodCall with the arguments and answers with a methodResponse; odd bytes come and go unchanged"
    )
    func echo() throws {
        let bytes = XMLRPCValue.base64((0...255).map { UInt8($0) } + [13, 10, 0])
        let answer = try program(Self.echo, name: "echo.py").call(
            "my-echo", arguments: [1, -2.5, "é & <x>\n", bytes, [["a": false]]])
        #expect(answer["parameters"] == [1, -2.5, "é & <x>\n", bytes, [["a": false]]])
        #expect(answer["name"] == "my_echo")
        #expect(answer["variable"] == "my-echo")
    }

    @Test("Keywords are a last struct, and are left out when there are none")
    func keywords() throws {
        let program = program(Self.echo, name: "echo.py")
        #expect(try program.call("echo", arguments: [1], keywords: ["b": "x"])["parameters"] == [1, ["b": "x"]])
        #expect(try program.call("echo", arguments: [])["parameters"] == [])
    }

    @Test("A script runs by its #! line, by its suffix, and no shell reads its name or arguments")
    func kinds() throws {
        #expect(try program("cat > /dev/null; echo '\(Self.yes)'").call("f", arguments: []) == true)
        let odd = folder.write("a b$(touch x);'.sh", "echo '\(Self.yes)'")
        #expect(try FunctionProgram(odd).call("$(touch y)", arguments: ["$(touch z)"]) == true)
        let own = folder.write("own", "#!/bin/sh\necho '\(Self.yes)'\n")
        #expect(failure { try FunctionProgram(own).call("f", arguments: []) }.contains("may not be run"))
        chmod(own, 0o700)
        #expect(try FunctionProgram(own).call("f", arguments: []) == true)
        let plain = folder.write("plain", "echo '\(Self.yes)'\n")
        chmod(plain, 0o700)
        #expect(
            failure { try FunctionProgram(plain).call("f", arguments: []) }.contains(
                "is no program: it begins with neither '#!'"))
        #expect(failure { try FunctionProgram(folder.path).call("f", arguments: []) }.hasSuffix("is no regular file"))
        #expect(
            failure { try FunctionProgram(folder.path + "/none").call("f", arguments: []) }.contains(
                "cannot be read: No such file"))
        #expect(
            failure { try FunctionProgram("/bin/true").call("f", arguments: []) }.contains("wrote no methodResponse"))
        #expect(TemporaryFolder.names(in: folder.path).count == 4)
        // No program of that name in PATH is meant.
        #expect(
            failure { try FunctionProgram("ls").call("f", arguments: []) }.contains("/ls cannot be read: No such file"))
    }

    @Test("A program that answers before it reads, reads nothing, or leaves its output open behind it is answered")
    func order() throws {
        let big = XMLRPCValue.base64(Array(repeating: 7, count: 4 << 20))
        #expect(try program("echo '\(Self.yes)'").call("f", arguments: [big]) == true)
        #expect(try program("exec <&-; echo '\(Self.yes)'").call("f", arguments: [big]) == true)
        let answer = try program("sleep 1000 & echo $! > \(folder.path)/pid; echo '\(Self.yes)'").call(
            "f", arguments: [])
        #expect(answer == true)
        let process = try #require(readPid("\(folder.path)/pid"))
        _ = try eventually("process \(process) to end") { isGone(process) ? true : nil }
        let echoed = try program(Self.echo, name: "echo.py").call("echo", arguments: [big])
        #expect(echoed["parameters"] == [big])
    }

    @Test("A fault that a program answers with is the call's error")
    func fault() {
        let fault = String(decoding: XMLRPCCodec.encode(XMLRPCFault(code: 17, message: "no luck")), as: UTF8.self)
        #expect(throws: FunctionError.fault(function: "f", XMLRPCFault(code: 17, message: "no luck"))) {
            try program("cat <<'X'\n\(fault)\nX\n").call("f", arguments: [])
        }
    }

    @Test(
        "A program that fails is an error with how it ended, and the end of its standard error",
        arguments: [
            ("exit 3", "f ended with exit code 3; it wrote nothing to standard error"),
            ("echo '\(yes)'; exit 1", "f ended with exit code 1"),
            ("kill -SEGV $$", "f was killed by SIGSEGV"),
            ("exec no-such-program", "f ended with exit code 127"),
            ("true", "f ended with exit code 0 and wrote no methodResponse"),
            ("echo hello", "f wrote something else than a methodResponse to standard output: "),
            ("printf '%s' '\(yes.dropLast(5))'", "f wrote something else than a methodResponse to standard output: "),
            ("cat", "f wrote something else than a methodResponse to standard output: "),
            ("seq 100000 >&2; printf 'two\\033[1m\\377' >&2; exit 1", "standard error:\n  99982\n"),
            ("seq 100000 >&2; printf 'two\\033[1m\\377' >&2; exit 1", "\n  100000\n  two\\x1b[1m\\xff"),
        ])
    func failures(script: String, says: String) {
        let text = failure { try program(script).call("f", arguments: [1]) }
        #expect(text.contains(says))
        #expect(text.utf8.count < 1_000)
    }

    @Test("An answer that is too long ends the program, with the limit's name")
    func tooLong() {
        let settings = ProgramSettings(answerByteCountMax: 200)
        #expect(
            failure { try program("cat /dev/zero", settings: settings).call("f", arguments: []) }
                .contains(
                    "f wrote more than the 200 bytes that an answer may have (answerByteCountMax), so it was killed"))
        let long = "printf '%s%200s' '\(Self.yes)' ''"
        #expect(
            failure { try program(long, settings: settings).call("f", arguments: []) }.contains("answerByteCountMax"))
        #expect(throws: Never.self) { try program("echo '\(Self.yes)'", settings: settings).call("f", arguments: []) }
    }

    @Test("A program that takes too long is killed with all that it started")
    func tooSlow() throws {
        let settings = ProgramSettings(timeMax: .milliseconds(300))
        let script = "echo working >&2; sleep 1000 & echo $! > \(folder.path)/pid; wait"
        let text = failure { try program(script, settings: settings).call("f", arguments: []) }
        #expect(
            text
                == "f ran for longer than 0.3 seconds (timeMax), so it was killed; the end of its standard error:\n  working"
        )
        let process = try #require(readPid("\(folder.path)/pid"))
        _ = try eventually("process \(process) to end") { isGone(process) ? true : nil }
    }

    @Test("A cancelled call kills the program and all that it started")
    func cancelled() async throws {
        let cancellation = FunctionCancellation()
        let program = program(
            "sleep 1000 & echo $! > \(folder.path)/pid.new; mv \(folder.path)/pid.new \(folder.path)/pid; wait")
        let call = Task.detached {
            do throws(FunctionError) {
                return Result<XMLRPCValue, FunctionError>.success(
                    try program.call("f", arguments: [], cancellation: cancellation))
            } catch {
                return .failure(error)
            }
        }
        let process = try eventually("the program to run") { readPid("\(folder.path)/pid") }
        #expect(!isGone(process))
        cancellation.cancel()
        #expect(await call.value == .failure(.cancelled(function: "f")))
        _ = try eventually("process \(process) to end") { isGone(process) ? true : nil }
        #expect(throws: FunctionError.cancelled(function: "f")) {
            try program.call("f", arguments: [], cancellation: cancellation)
        }
    }

    @Test("A program has its limits, its folder and its variables, and none of this process's credentials")
    func surroundings() {
        setenv("MR_TOKEN", "secret", 1)
        defer { unsetenv("MR_TOKEN") }
        let settings = ProgramSettings(
            limits: ProgramLimits(openFileCount: 33), folder: folder.path, environment: ["OWN": [0x61, 0xFF]])
        let script = "ulimit -n >&2; pwd >&2; printf '%s' \"$OWN\" >&2; echo \"[$MR_TOKEN]\" >&2; exit 1"
        let text = failure { try program(script, settings: settings).call("f", arguments: []) }
        #expect(text.hasSuffix(":\n  33\n  \(folder.path)\n  a\\xff[]"))
    }

    @Test("Calls leave no descriptor open, whatever way they end")
    func descriptors() {
        let settings = ProgramSettings(timeMax: .milliseconds(100), answerByteCountMax: 1_000)
        let scripts = ["echo '\(Self.yes)'", "exit 1", "cat /dev/zero", "sleep 1000", "exec no-such-program"]
        func callAll() {
            // What they answer is tried elsewhere.
            for script in scripts { _ = try? program(script, settings: settings).call("f", arguments: []) }
        }
        callAll()
        let before = TemporaryFolder.names(in: "/proc/self/fd").count
        for _ in 0..<3 { callAll() }
        #expect(TemporaryFolder.names(in: "/proc/self/fd").count == before)
    }

    @Test("Arguments that no document holds are an error before anything starts")
    func unsendable() {
        let text = failure { try program("touch \(folder.path)/x").call("f", arguments: ["\u{1}"]) }
        #expect(text.hasPrefix("f cannot be called with these arguments: not encodable: a string holds a character"))
        #expect(failure { try program("true").call("f", arguments: [.double(.nan)]) }.contains("not finite"))
        #expect(TemporaryFolder.names(in: folder.path) == ["f.sh"])
    }

    private func readPid(_ path: String) -> pid_t? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 32)
        guard fgets(&buffer, CInt(buffer.count), file) != nil else { return nil }
        return pid_t(atoi(buffer))
    }
}
