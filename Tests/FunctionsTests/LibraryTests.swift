import Functions
import Glibc
import TestSupport
import Testing
import XMLRPC

@Suite("The library of uploaded functions")
struct LibraryTests {
    private let folder: TemporaryFolder
    private let library: FunctionLibrary

    init() throws {
        folder = try TemporaryFolder()
        library = FunctionLibrary(folder: folder.path)
    }

    private static func script(_ number: Int) -> [UInt8] {
        Array(
            "#!/bin/sh\necho '<methodResponse><params><param><value><int>\(number)</int></value></param></params></methodResponse>'\n"
                .utf8)
    }

    @Test("A name is a function of the registry, or an uploaded program, or a function of an uploaded Python file")
    func resolves() throws {
        try library.upload("seven", Self.script(7))
        try library.upload("own.py", Array("def f(x): return x + 1\n".utf8))
        guard case .registered(name: "add") = try library.resolve("add"),
            case .program(let program) = try library.resolve("seven"),
            case .python(let python) = try library.resolve("own.py:f"),
            case .program(let whole) = try library.resolve("own.py")
        else { return #expect(Bool(false), "one is something else") }
        #expect(program.path == "\(folder.path)/seven" && whole.path == "\(folder.path)/own.py")
        #expect(python.path == "\(folder.path)/own.py" && python.name == "f")
        #expect(try library.call("add", arguments: [1, 2]) == 3)
        #expect(try library.call("seven", arguments: []) == 7)
        #expect(try library.call("own.py:f", arguments: [1]) == 2)
        #expect(library.fileNames == ["own.py", "seven"])
    }

    @Test("A file that replaces another is what the next call runs, of the same length and in the same second too")
    func replaced() throws {
        for number in 1...5 {
            try library.upload("f", Self.script(number))
            try library.upload("own.py", Array("def f(): return \(number)\n".utf8))
            #expect(try library.call("f", arguments: []) == .int(Int32(number)))
            #expect(try library.call("own.py:f", arguments: []) == .int(Int32(number)))
        }
    }

    @Test("Uploaded files are for their user alone, and nothing else is left in the folder")
    func mode() throws {
        umask(0o022)
        try library.upload("f", Self.script(1))
        var status = stat()
        #expect(stat("\(folder.path)/f", &status) == 0 && status.st_mode & 0o7777 == 0o700)
        #expect(TemporaryFolder.names(in: folder.path) == ["f"])
    }

    @Test("A file that several upload at once is one of theirs in each call, and whole")
    func concurrent() async throws {
        let library = library
        let results = try await withThrowingTaskGroup(of: [XMLRPCValue].self) { group in
            for number in 0..<4 {
                group.addTask {
                    try (0..<15).map { _ in
                        try library.upload("f", Self.script(number))
                        return try library.call("f", arguments: [])
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(results.count == 60)
        #expect(results.allSatisfy { [0, 1, 2, 3].contains($0) })
    }

    @Test(
        "A file's name is one part of a path, of few characters",
        arguments: ["", ".f", "..", "a/b", "/f", "a b", "ä", "a\u{0}", "a:b", String(repeating: "a", count: 129)])
    func badNames(name: String) {
        #expect(failure { try library.upload(name, Self.script(1)) }.hasPrefix("the name '"))
        #expect(TemporaryFolder.names(in: folder.path).isEmpty)
    }

    @Test("A file is refused that is too large, that a function of the registry hides, or that finds no folder")
    func refused() throws {
        #expect(
            failure { try library.upload("f", Array(repeating: 0, count: (64 << 20) + 1)) }
                == "f has 67108865 bytes; 67108864 are allowed")
        #expect(
            failure { try library.upload("sum", Self.script(1)) }
                == "there is a function 'sum' already; choose another name")
        let lost = FunctionLibrary(folder: "\(folder.path)/none")
        #expect(failure { try lost.upload("f", []) } == "f cannot be stored: No such file or directory")
        #expect(TemporaryFolder.names(in: folder.path).isEmpty)
    }

    @Test("A name that stands for nothing is an error with names near it")
    func unknown() throws {
        try library.upload("my_sum", Self.script(1))
        try library.upload("own.py", [])
        #expect(failure { try library.resolve("my_sun") }.hasSuffix("is named 'my_sun'; near it are my_sum"))
        #expect(failure { try library.resolve("owm.py:f") }.hasSuffix("is named 'owm.py'; near it are own.py"))
        #expect(failure { try library.resolve("ad") }.contains("near it are add"))
        for name in ["own.py:", "own.py:1f", "own.py:a.b", "own.py:f()", "own.py:ä"] {
            #expect(
                failure { try library.resolve(name) }.contains("must have ASCII letters, digits and '_' after its ':'"))
        }
        for name in ["", "..", ".", "../f", "own.txt:f", "a\u{0}", String(repeating: "x", count: 2_000)] {
            _ = failure { try library.resolve(name) }
        }
    }

    @Test("Paths are for libraries that allow them, and links lead nowhere")
    func paths() throws {
        let other = try TemporaryFolder()
        let path = other.write("f.sh", String(decoding: Self.script(9), as: UTF8.self))
        let python = other.write("own.py", "def f(): return 4\n")
        #expect(
            failure { try library.resolve(path) }.hasSuffix(
                "is a path; only uploaded files are run here, by their names"))
        #expect(failure { try library.resolve("\(python):f") }.contains("is a path"))
        symlink(path, "\(folder.path)/link.sh")
        mkdir("\(folder.path)/folder", 0o700)
        #expect(library.fileNames.isEmpty)
        #expect(failure { try library.resolve("folder") }.contains("is named 'folder'"))
        #expect(failure { try library.upload("folder", []) }.hasPrefix("folder cannot be stored: "))
        #expect(failure { try library.resolve("link.sh") }.contains("is named 'link.sh'"))
        let open = FunctionLibrary(folder: folder.path, allowsPaths: true)
        chmod(path, 0o700)
        #expect(try open.call(path, arguments: []) == 9)
        #expect(try open.call("\(python):f", arguments: []) == 4)
        #expect(failure { try open.resolve("\(other.path)/none") }.hasPrefix("no function"))
        #expect(failure { try open.resolve("\(path)\u{0}") }.contains("holds a NUL"))
    }
}
