import Glibc
import Model
import TaskRuntime
import TestSupport
import Testing

@testable import Master

@Suite("The data routes")
struct DataRoutesTests {
    @Test("serve an input file, and neither serve nor wait for a FIFO in its place")
    func input() async throws {
        try await RouteBench.run { bench in
            #expect(try bench.get("/input/1/0") == RouteBench.Answer(status: 200, text: "some text\n"))
            unlink(bench.folder.path + "/in")
            let fifo = try FIFO(bench.folder.path + "/in")
            #expect(try bench.get("/input/1/0").status == 410)
            #expect(!fifo.wasWaitedFor)
        }
    }

    @Test(
        "know no other way to write an index than their own",
        arguments: ["+0", "-0", "00", "%2B0", "0x0", "", "%D9%A0"])
    func strictIndex(_ index: String) async throws {
        try await RouteBench.run { bench in
            // What it made is looked at, not what it returned.
            _ = try writeMapOutput(
                counts: [KeyCount(key: [65], count: 1)], partitionCount: 1, attempt: bench.map,
                outputPath: bench.context.heldOutputPath(bench.map))
            #expect(try bench.get("/intermediate/\(bench.map.name)/0").status == 200)
            #expect(try bench.get("/intermediate/\(bench.map.name)/\(index)").status == 404)
            #expect(try bench.get("/input/1/\(index)").status == 404)
        }
    }

    @Test("take an output as a whole only")
    func output() async throws {
        try await RouteBench.run { bench in
            let part = try bench.put(bench.outputPath, headers: "Content-Range: bytes 0-3/4\r\n", body: "part")
            #expect(part.status == 400)
            #expect(bench.drafts == ["marker"])
            #expect(try bench.put(bench.outputPath, body: "part").status == 201)
            #expect(bench.drafts == [bench.reduce.name, "marker"])
        }
    }

    @Test("keep nothing of an output whose attempt has ended while it came")
    func outputTooLate() async throws {
        try await RouteBench.run { bench in
            bench.isRunning.sayYes(1)
            let late = try bench.put(bench.outputPath, body: "part")
            #expect(late.status == 409)
            #expect(bench.drafts == ["marker"])
        }
    }

    @Test("take an output from one connection at a time, and keep room for what others have announced")
    func uploadsUnderWay() throws {
        let uploads = UploadsUnderWay()
        let attempts = (1...3).map {
            AttemptID(task: TaskID(job: JobID(number: 1), kind: .reduce, index: 0), number: $0)
        }
        #expect(uploads.begin(attempts[0], byteCount: 100) && !uploads.begin(attempts[0], byteCount: 1))
        #expect(uploads.begin(attempts[1], byteCount: 1_000) && uploads.restCount == 1_100)
        let folder = try TemporaryFolder()
        let file = open(folder.write("draft", "40 bytes of what was announced are here."), O_RDONLY)
        defer { close(file) }
        uploads.opened(attempts[0], descriptor: file)
        #expect(uploads.restCount == 1_060)
        #expect(uploads.begin(attempts[2], byteCount: .max) && uploads.restCount == .max)
        for attempt in attempts { uploads.end(attempt) }
        #expect(uploads.restCount == 0 && uploads.begin(attempts[0], byteCount: 1))
    }

    @Test("say which file could not be written when an output cannot be kept")
    func outputFailed() async throws {
        try await RouteBench.run { bench in
            let drafts = bench.folder.path + "/out/.mr-drafts"
            mkdir("\(drafts)/\(bench.reduce.name)", 0o700)
            let unnamed = try bench.put(bench.outputPath, body: "part")
            #expect(unnamed.status == 507)
            #expect(unnamed.text.contains("'\(drafts)/\(bench.reduce.name)' cannot be written: Is a directory"))
            #expect(bench.drafts == [bench.reduce.name, "marker"])
            rmdir("\(drafts)/\(bench.reduce.name)")
            unlink("\(drafts)/marker")
            rmdir(drafts)
            let unopened = try bench.put(bench.outputPath, body: "part")
            #expect(unopened.status == 507)
            #expect(unopened.text.contains("output '\(drafts)/upload-"))
        }
    }

    @Test("neither serve nor wait for a FIFO in place of a map output")
    func intermediate() async throws {
        try await RouteBench.run { bench in
            let fifo = try FIFO(bench.context.heldOutputPath(bench.map))
            #expect(try bench.get("/intermediate/\(bench.map.name)/0").status == 410)
            #expect(!fifo.wasWaitedFor)
        }
    }
}
