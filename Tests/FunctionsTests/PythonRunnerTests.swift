import Functions
import Glibc
import Processes
import TestSupport
import Testing
import XMLRPC

@Suite("Python processes that answer several calls")
struct PythonRunnerTests {
    private let folder: TemporaryFolder
    private let library: FunctionLibrary

    init() throws {
        folder = try TemporaryFolder()
        library = FunctionLibrary(folder: folder.path)
    }

    private func upload(_ text: String, _ name: String = "own.py") throws { try library.upload(name, Array(text.utf8)) }

    private func call(_ function: String, _ arguments: XMLRPCValue...) throws -> XMLRPCValue {
        try library.call("own.py:\(function)", arguments: arguments)
    }

    @Test("A file is loaded once for many calls, and its functions find what others of it have left")
    func loadedOnce() throws {
        try upload(
            "import os\ncalls = []\ndef f(x):\n    calls.append(x)\n    return [os.getpid(), sum(calls)]\ndef g():\n    return f(0)\n"
        )
        let first = try #require(try call("f", 1).asArray?.first)
        for number in 2...50 {
            #expect(try call("f", .int(Int32(number))) == [first, .int(Int32(number * (number + 1) / 2))])
        }
        #expect(try call("g") == [first, 1_275])
    }

    @Test("Calls at once have a process each, whose answers are their own")
    func several() async throws {
        try upload("import os, time\ndef f(x):\n    time.sleep(0.05)\n    return [x, os.getpid()]\n")
        let processes = try await withThrowingTaskGroup(of: XMLRPCValue.self) { group in
            for thread in 0..<4 {
                group.addTask {
                    try await onThread {
                        var process: XMLRPCValue?
                        for number in 0..<5 {
                            let value = XMLRPCValue.int(Int32(thread * 100 + number))
                            let answer = try library.call("own.py:f", arguments: [value]).asArray ?? []
                            #expect(answer.first == value)
                            process = answer.last
                        }
                        return process ?? 0
                    }
                }
            }
            return try await group.reduce(into: Set<XMLRPCValue>()) { $0.insert($1) }
        }
        #expect(processes.count <= 4)
        #expect(processes.count > 1)
    }

    @Test(
        "A call that ends its process fails alone",
        arguments: [
            ("import os; os._exit(3)", "ended with exit code 3"),
            ("import os, signal; os.kill(os.getpid(), 9)", "was killed by SIGKILL"),
            ("import os; os._exit(0)", "wrote no methodResponse"),
            ("return 'x' * 300_000", "wrote more than the 200000 bytes that an answer may have"),
            ("import time; time.sleep(1000)", "ran for longer than 2.0 seconds"),
        ])
    func failsAlone(statement: String, says: String) throws {
        let settings = ProgramSettings(timeMax: .seconds(2), answerByteCountMax: 200_000)
        let library = FunctionLibrary(folder: folder.path, settings: settings)
        try library.upload(
            "own.py", Array("import os\ndef f():\n    \(statement)\ndef g(x): return [x, os.getpid()]\n".utf8))
        let before = try library.call("own.py:g", arguments: [1]).asArray ?? []
        #expect(failure { try library.call("own.py:f", arguments: []) }.contains(says))
        let after = try library.call("own.py:g", arguments: [2]).asArray ?? []
        #expect(before.first == 1)
        #expect(after.first == 2)
        #expect(after.last != before.last)
        _ = try eventually("the process before to end") { try isGone(before.last) ? true : nil }
    }

    @Test("An exception leaves its process in place, and no words of it in what the next call fails with")
    func exceptions() throws {
        try upload(
            """
            import os, sys
            def f():
                print("first words")
                raise ValueError("no")
            def g():
                return os.getpid()
            def h():
                print("second words")
                sys.stdout.flush()
                os._exit(7)
            """)
        let process = try call("g")
        #expect(failure { try call("f") }.hasSuffix("ValueError: no"))
        #expect(try call("g") == process)
        let text = failure { try call("h") }
        #expect(text == "own.py:h ended with exit code 7; the end of its standard error:\n  second words")
    }

    @Test("A file that is uploaded anew is what the next call finds, also where another file imports it")
    func uploadedAnew() throws {
        try upload("VALUE = 1\n", "other_file.py")
        try upload("import os, other_file\ndef f():\n    return [other_file.VALUE, os.getpid()]\n")
        let first = try call("f").asArray ?? []
        #expect(first.first == 1)
        try upload("VALUE = 2\n", "other_file.py")
        let second = try call("f").asArray ?? []
        #expect(second.first == 2)
        _ = try eventually("the process that had the old file to end") { try isGone(first.last) ? true : nil }
        try upload("def f(): return 3\n")
        #expect(try call("f") == 3)
    }

    @Test("A file that changes in its place is loaded anew")
    func changed() throws {
        let open = FunctionLibrary(folder: folder.path, allowsPaths: true)
        let path = "\(folder.path)/elsewhere.py"
        for text in ["def f(): return 1\n", "def f(): return 22\n"] {
            folder.write("elsewhere.py", text)
            let expected: XMLRPCValue = text.contains("22") ? 22 : 1
            #expect(try open.call("\(path):f", arguments: []) == expected)
        }
    }

    @Test("A cancelled call kills its process, and the next one has another")
    func cancelled() async throws {
        try upload(
            "import os, time\ndef f(path):\n    os.rename(path + '.new', path)\n    time.sleep(1000)\ndef g(): return os.getpid()\n"
        )
        folder.write("sign.new", "")
        let (process, cancellation) = (try call("g"), FunctionCancellation())
        let sign = "\(folder.path)/sign"
        let call = Task {
            try await onThread {
                failure { try library.call("own.py:f", arguments: [.string(sign)], cancellation: cancellation) }
            }
        }
        _ = try eventually("the call to run") { access(sign, F_OK) == 0 ? true : nil }
        cancellation.cancel()
        #expect(try await call.value == "own.py:f was cancelled")
        _ = try eventually("its process to end") { try isGone(process) ? true : nil }
        #expect(try self.call("g") != process)
    }

    @Test(
        "A process in which a call has left something running answers no other, and what was left ends with it",
        arguments: [
            "subprocess.Popen(['sleep', '1000'])", "threading.Thread(target=time.sleep, args=(0.01,)).start()",
            "threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()",
        ])
    func leftovers(statement: String) throws {
        try upload(
            "import os, subprocess, threading, time\ndef g(): return os.getpid()\ndef f():\n    left = \(statement)\n    return [os.getpid(), getattr(left, 'pid', os.getpid())]\n"
        )
        let process = try call("g")
        let answer = try call("f").asArray ?? []
        #expect(answer.first == process)
        _ = try eventually("what was left to end") { try isGone(answer.last) ? true : nil }
        #expect(try call("g") != process)
    }

    @Test("A copy of the process that a function makes does not answer for it")
    func copies() throws {
        try upload(
            "import os\ndef f():\n    child = os.fork()\n    if child:\n        os.waitpid(child, 0)\n    return child != 0\n"
        )
        #expect(try call("f") == true)
        #expect(try call("f") == true)
    }

    @Test("Each call begins in the same folder, with its own name in the environment and nothing to read")
    func surroundings() throws {
        try upload(
            "import os, sys\ndef f():\n    found = [os.getcwd(), os.environ['MR_FUNCTION'], list(sys.argv), sys.stdin.read()]\n    os.chdir('/')\n    sys.argv.append('x')\n    return found\ng = f\n"
        )
        let library = FunctionLibrary(folder: folder.path, settings: ProgramSettings(folder: folder.path))
        for name in ["f", "g", "f"] {
            #expect(
                try library.call("own.py:\(name)", arguments: [])
                    == [.string(folder.path), .string("own.py:\(name)"), [.string("\(folder.path)/own.py")], ""])
        }
    }

    @Test("A process that nobody calls ends")
    func idle() throws {
        let library = FunctionLibrary(folder: folder.path, settings: ProgramSettings(idleMax: .milliseconds(200)))
        try library.upload("own.py", Array("import os\ndef f(): return os.getpid()\n".utf8))
        let process = try library.call("own.py:f", arguments: [])
        _ = try eventually("process \(process) to end") { try isGone(process) ? true : nil }
        #expect(try library.call("own.py:f", arguments: []) != process)
    }

    @Test("Processes with limits answer one call each")
    func limited() throws {
        let library = FunctionLibrary(
            folder: folder.path, settings: ProgramSettings(limits: ProgramLimits(openFileCount: 64)))
        try library.upload("own.py", Array("import os\ndef f(): return os.getpid()\n".utf8))
        #expect(try library.call("own.py:f", arguments: []) != library.call("own.py:f", arguments: []))
    }

    @Test("Calls leave no descriptor open but those of the processes that wait")
    func descriptors() throws {
        try upload("import os\ndef f(): pass\ndef g(): os._exit(1)\n")
        func callAll() {
            // Both fail, which other tests look at.
            for name in ["f", "g"] { _ = try? call(name) }
        }
        callAll()
        let before = TemporaryFolder.names(in: "/proc/self/fd").count
        for _ in 0..<5 { callAll() }
        // What tests before this one have left to be closed may be closed meanwhile: each call that kept one would show.
        #expect(TemporaryFolder.names(in: "/proc/self/fd").count < before + 5)
    }

    private func isGone(_ process: XMLRPCValue?) throws -> Bool {
        FunctionsTests.isGone(pid_t(try #require(process?.asInt)))
    }
}
