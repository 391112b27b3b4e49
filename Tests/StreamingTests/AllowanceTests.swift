import ApplicationAPI
import Glibc
import TestSupport
import Testing

@testable import Streaming

@Suite("What a worker may be asked to run")
struct AllowanceTests {
    private func words(_ command: String) -> [String]? {
        CommandWords.of(Array(command.utf8))?.map { String(decoding: $0, as: UTF8.self) }
    }

    private func allowed(_ patterns: String..., applications: [String] = ["wordcount", "grep"]) throws
        -> AllowedPrograms
    {
        try AllowedPrograms(patterns.map { Array($0.utf8) }, applications: applications)
    }

    @Test("A program with arguments is cut into words as a shell cuts it")
    func plain() {
        #expect(words("  ./map.py\t-x  'a b'\"c d\"e '' ") == ["./map.py", "-x", "a bc de", ""])
        #expect(words("awk '{print $1; x = \"`\"}'") == ["awk", "{print $1; x = \"`\"}"])
        #expect(words("p \"it's # ~ * ; fine\" a#b a~ --x=y") == ["p", "it's # ~ * ; fine", "a#b", "a~", "--x=y"])
    }

    @Test(
        "What a shell would make more of is refused",
        arguments: [
            "a; b", "a | b", "a & b", "a && b", "$a", "a $b", "a \"$b\"", "`a`", "a \"`b`\"", "a > b", "a < b", "(a)",
            "a *", "a ?", "a [b]", "a \\b", "a \"\\b\"", "a\nb", "A=b c", "# a", "a # b", "~/a", "a 'b", "a \"b", "",
            " ",
        ])
    func shell(command: String) {
        #expect(words(command) == nil)
    }

    @Test("Programs are told by the path at which they are, whatever they are called by")
    func paths() throws {
        let folder = try TemporaryFolder()
        for name in ["apps", "apps/deep", "apps/dir"] { mkdir("\(folder.path)/\(name)", 0o755) }
        for name in ["apps/map", "apps/deep/map", "other", "apps/.hidden"] {
            folder.write(name, "#!/bin/sh\n")
            chmod("\(folder.path)/\(name)", 0o755)
        }
        folder.write("apps/data", "x")
        chmod("\(folder.path)/apps/data", 0o644)
        symlink("\(folder.path)/other", "\(folder.path)/apps/link")
        symlink("\(folder.path)/apps", "\(folder.path)/elsewhere")
        let path = String(cString: try #require(realpath(folder.path, nil)))
        let allowed = try allowed("\(path)/apps/*")
        let place = Array("\(folder.path)/apps\0".utf8)
        func runs(_ command: String) -> [String]? {
            // What is refused is what the test is about.
            guard let command = try? allowed.command(Array(command.utf8), from: place) else { return nil }
            return command.words?.map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(runs("./map 1 2") == ["\(path)/apps/map", "1", "2"])
        #expect(runs("\(folder.path)/elsewhere/map") == ["\(path)/apps/map"], "by way of a link to the folder")
        #expect(runs("../apps/../apps/map") == ["\(path)/apps/map"])
        #expect(runs("./link") == ["\(path)/apps/link"], "a link in an allowed folder is its owner's wish")
        for refused in [
            "../other", "\(path)/apps/../other", "deep/map", "./deep/map", "map", "./data", "./dir", "./.hidden", ".",
            "./", "..", "./nothing", "sh", "/bin/sh ./map",
        ] {
            #expect(runs(refused) == nil, "\(refused)")
        }
    }

    @Test("A name without a slash is looked for in PATH")
    func searchPath() async {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            folder.write("tool", "#!/bin/sh\n")
            chmod("\(folder.path)/tool", 0o755)
            setenv("PATH", ":.:relative:/nowhere:\(folder.path):/usr/bin", 1)
            let path = String(cString: try #require(realpath(folder.path, nil)))
            #expect(ProgramLookup.path(of: Array("tool".utf8), from: nil) == Array("\(path)/tool".utf8))
            #expect(ProgramLookup.path(of: Array("no-such-tool".utf8), from: nil) == nil)
        }
    }

    @Test("Applications are told by name; those that run programs are there if some program is allowed")
    func applications() throws {
        let counting = try allowed("word*")
        #expect(counting.allows(application: "wordcount"))
        #expect(!counting.allows(application: "grep") && !counting.allows(application: "streaming"))
        let running = try allowed("/opt/*", "grep")
        #expect(running.allows(application: "streaming") && running.allows(application: "grep"))
        #expect(!running.allows(application: "wordcount"))
        #expect(running.description == "grep, /opt/*")
    }

    @Test("A pattern that could match nothing is refused with what there is", arguments: ["python3", "./map.py", "x*"])
    func wrongPattern(pattern: String) throws {
        do {
            _ = try allowed("grep", pattern)
            Issue.record("it was taken")
        } catch let error as AllowanceError {
            #expect("\(error)".contains("--allow-program '\(pattern)' matches no application"))
            #expect("\(error)".contains("(wordcount, grep)"))
        }
    }

    @Test("An allowed program runs without a shell, and what is not allowed is never started")
    func runs() async {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            folder.write("map", "#!/bin/sh\ncat; echo \"$1\" \"$2\"\n")
            chmod("\(folder.path)/map", 0o755)
            let path = String(cString: try #require(realpath(folder.path, nil)))
            AllowedPrograms.set(try AllowedPrograms([Array("\(path)/*".utf8)], applications: []))
            let job = StreamingJob(mapper: "./map '$HOME; x' y", folder: folder.path)
            #expect(try await job.part("a\n") == "$HOME; x y\t\na\t\n")
            for command in ["./map; touch done", "touch done", "/bin/sh -c 'touch done'"] {
                for job in [
                    StreamingJob(mapper: command, folder: folder.path),
                    StreamingJob(mapper: "./map", reducer: command, folder: folder.path),
                    StreamingJob(mapper: "./map", combiner: command, folder: folder.path),
                ] {
                    #expect(throws: RefusedProgram.self) { _ = try Streaming(options: job.options) }
                }
            }
            #expect(access("\(folder.path)/done", F_OK) != 0)
        }
    }

    @Test("A refusal names the command, what is allowed and what would help, and can't move the cursor")
    func text() throws {
        let allowed = try allowed("/opt/apps/*")
        func refusal(_ command: String) -> String {
            do {
                _ = try allowed.command(Array(command.utf8), from: nil)
                return "none"
            } catch {
                return "\(error)"
            }
        }
        #expect(
            refusal("sh\u{1B}[2J -c x").contains(
                #"may not run 'sh\x1b[2J -c x': it was started with --allow-program for /opt/apps/*"#))
        #expect(refusal("cat x").hasSuffix("/cat is not among them"))
        #expect(refusal("a | b").hasSuffix("put it into a script, and allow that"))
        #expect(refusal("/opt/apps/nothing").hasSuffix("there is no program '/opt/apps/nothing' here"))
    }
}
