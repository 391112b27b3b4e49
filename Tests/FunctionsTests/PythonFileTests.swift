import Functions
import Glibc
import TestSupport
import Testing
import XMLRPC

@Suite("Functions of Python files")
struct PythonFileTests {
    private let folder: TemporaryFolder
    private let library: FunctionLibrary

    init() throws {
        folder = try TemporaryFolder()
        library = FunctionLibrary(folder: folder.path)
    }

    private func upload(_ text: String, _ name: String = "own.py") throws { try library.upload(name, Array(text.utf8)) }

    @Test("Arguments come and results go as Python has them, odd bytes and long integers too")
    func values() throws {
        try upload(
            "def echo(*a, **k):\n    return [list(a), k]\ndef types(*a):\n    return [type(x).__name__ for x in a]\n")
        let values: [XMLRPCValue] = [
            1, -2, .int64(1 << 40), .int64(.min), .int64(.max), 2.5, 1e300, .double(.leastNonzeroMagnitude), -0.0, true,
            "é\r\n<&>\r",
            .base64((0...255).map { UInt8($0) }),
            .dateTime("20261122T10:11:12"), [], [:], [[["a": [1]]]], ["k\r": "v", "": 1, "é": 2],
        ]
        #expect(try library.call("own.py:echo", arguments: values) == [.array(values), [:]])
        #expect(
            try library.call("own.py:echo", arguments: [], keywords: ["x": 1, "y": "z"]) == [[], ["x": 1, "y": "z"]])
        let types = try library.call(
            "own.py:types", arguments: [1, .int64(1 << 40), 1.5, true, "a", .base64([0]), [1], ["a": 1]])
        #expect(types == ["int", "int", "float", "bool", "str", "bytes", "list", "dict"])
    }

    @Test("An exception is an error with Python's traceback, without the runner's own lines")
    func exceptions() throws {
        try upload("def inner(x):\n    return 1 // x\n\ndef outer(x):\n    return inner(x)\n")
        let text = failure { try library.call("own.py:outer", arguments: [0]) }
        #expect(
            text == """
                own.py:outer failed: Traceback (most recent call last):
                  File "\(folder.path)/own.py", line 5, in outer
                    return inner(x)
                           ^^^^^^^^
                  File "\(folder.path)/own.py", line 2, in inner
                    return 1 // x
                           ~~^^~~
                ZeroDivisionError: integer division or modulo by zero
                """)
        guard case .failed(function: "own.py:outer", _) = error({ try library.call("own.py:outer", arguments: [0]) })
        else {
            return #expect(Bool(false), "it is no FunctionError.failed")
        }
        #expect(
            failure { try library.call("own.py:outer", arguments: []) }.contains(
                "TypeError: outer() missing 1 required"))
    }

    @Test(
        "Whatever way a file fails, the reason is told",
        arguments: [
            ("import sys\ndef f(): sys.exit(3)", "SystemExit: 3"),
            ("def f(: pass", "SyntaxError: "),
            ("import no_such_module\ndef f(): pass", "ModuleNotFoundError: No module named 'no_such_module'"),
            ("def f(): raise ValueError('a\\x1b[1m\\x00b')", "ValueError: a\u{FFFD}[1m\u{FFFD}b"),
            ("def f(): raise ValueError('x' * 10**7)", "\n[...]\n"),
            ("def g(): pass\nh = 3", "own.py has no function f; it has g"),
            ("f = 3", "own.py has no function f; it has none"),
            ("import os\ndef f(): os._exit(4)", "own.py:f ended with exit code 4"),
            ("import os\ndef f(): os.kill(os.getpid(), 9)", "own.py:f was killed by SIGKILL"),
            (
                "import sys\ndef f():\n  print('hm', file=sys.stderr)\n  sys.stderr.flush()\n  import os; os._exit(0)",
                "wrote no methodResponse to standard output; the end of its standard error:\n  hm"
            ),
        ])
    func failures(text: String, says: String) throws {
        try upload(text)
        let reason = failure { try library.call("own.py:f", arguments: []) }
        #expect(reason.contains(says))
        #expect(reason.utf8.count < 20_000)
    }

    @Test(
        "A result that XML-RPC cannot carry is an error that says which value",
        arguments: [
            ("None", "result is None, which XML-RPC does not have"),
            ("[1, {'a': (2, None)}]", "result[1]['a'][1] is None"),
            ("{'n': 2**63}", "result['n'] is an integer of more than 64 bits; return str(result['n'])"),
            ("[-2**63 - 1]", "result[0] is an integer of more than 64 bits"),
            ("{1, 2}", "result is of type set, which XML-RPC does not have"),
            ("{'a': {3: 4}}", "result['a'] is a dict with the key 3 of type int; XML-RPC has strings for names"),
            ("{b'x': 4}", "result is a dict with the key b'x' of type bytes"),
            ("float('nan')", "result is nan, and XML-RPC has finite numbers only"),
            ("[float('-inf')]", "result[0] is -inf"),
            ("'a\\x00b'", "result is a string with a character that XML forbids; return result.encode()"),
            ("'\\ud800'", "result is a string with a character that XML forbids"),
            ("{'\\x01': 1}", "result is a dict with a key that holds a character that XML forbids"),
            ("object()", "result is of type object"),
            (
                "__import__('datetime').datetime.now(__import__('datetime').timezone.utc)",
                "result is a datetime with a zone"
            ),
            ("__import__('functools').reduce(lambda x, _: [x], range(70), 1)", "[0] lies deeper than 60 levels"),
        ])
    func uncarried(expression: String, says: String) throws {
        try upload("def f():\n    return \(expression)\n")
        let text = failure { try library.call("own.py:f", arguments: []) }
        #expect(text.hasPrefix("own.py:f failed: result"))
        #expect(text.contains(says))
    }

    @Test("What XML-RPC can carry in another form is carried")
    func carried() throws {
        try upload(
            """
            import enum
            class Colour(enum.IntEnum):
                RED = 3
            class Text(str):
                pass
            def f():
                return [(1, 2), bytearray(b"\\x00\\xff"), memoryview(b"m"), Colour.RED, Text("t"), 2**63 - 1, -2**63]
            """)
        #expect(
            try library.call("own.py:f", arguments: [])
                == [[1, 2], .base64([0, 255]), .base64([109]), 3, "t", .int64(.max), .int64(.min)])
    }

    @Test("What a function prints, or its programs do, is no part of the answer")
    func prints() throws {
        try upload(
            "import os, sys\nprint('loaded')\ndef f():\n    print('x' * 100000)\n    os.system('echo y')\n    sys.stdout.flush()\n    return sys.stdin.read()\n"
        )
        #expect(try library.call("own.py:f", arguments: []) == "")
    }

    @Test("Files see each other, not what lies where the worker runs, and take no place of Python's own modules")
    func modules() throws {
        try upload("VALUE = 41\n", "other_file.py")
        try upload("raise ValueError('wrong json')\n", "json.py")
        try upload("def f():\n    import other_file, json\n    return [other_file.VALUE, json.loads('1')]\n")
        #expect(try library.call("own.py:f", arguments: []) == [41, 1])
        let place = try TemporaryFolder()
        place.write("re.py", "raise ValueError('wrong re')\n")
        let elsewhere = FunctionLibrary(folder: folder.path, settings: ProgramSettings(folder: place.path))
        #expect(try elsewhere.call("own.py:f", arguments: []) == [41, 1])
        #expect(TemporaryFolder.names(in: folder.path) == ["json.py", "other_file.py", "own.py"])
    }

    @Test("A Python that is not there is an error")
    func noPython() throws {
        try upload("def f(): return 1")
        let library = FunctionLibrary(folder: folder.path, settings: ProgramSettings(python: "no-such-python"))
        #expect(failure { try library.call("own.py:f", arguments: []) }.contains("ended with exit code 127"))
    }

    @Test("A function that takes too long is killed")
    func tooSlow() throws {
        try upload("import time\ndef f(): time.sleep(1000)\n")
        let library = FunctionLibrary(folder: folder.path, settings: ProgramSettings(timeMax: .seconds(1)))
        #expect(failure { try library.call("own.py:f", arguments: []) }.contains("ran for longer than 1.0 seconds"))
    }

    private func error(_ body: () throws -> XMLRPCValue) -> FunctionError? {
        do {
            _ = try body()
            return nil
        } catch {
            return error as? FunctionError
        }
    }
}
