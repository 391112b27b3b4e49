import Glibc
import Model
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

    @Test("neither serve nor wait for a FIFO in place of a map output")
    func intermediate() async throws {
        try await RouteBench.run { bench in
            let map = AttemptID(task: TaskID(job: JobID(number: 1), kind: .map, index: 0), number: 1)
            let fifo = try FIFO(bench.context.heldOutputPath(map))
            #expect(try bench.get("/intermediate/\(map.name)/0").status == 404)
            #expect(!fifo.wasWaitedFor)
        }
    }
}
