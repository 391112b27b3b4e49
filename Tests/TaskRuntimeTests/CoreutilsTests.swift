import ApplicationAPI
import Applications
import Glibc
import Model
import TaskRuntime
import TestSupport
import Testing

/// An opinion from outside.
@Suite struct CoreutilsTests {
    @Test("Word count finds what tr, sort and uniq find")
    func wordCount() throws {
        let folder = ScratchFolder()
        var random = SplitMix64(seed: 7)
        var text: [UInt8] = []
        for _ in 0..<30_000 {
            let length = Int.random(in: 1...20, using: &random)
            text += (0..<length).map { _ in UInt8.random(in: 97...99, using: &random) }
            text.append([32, 9, 10, 11, 12, 13].randomElement(using: &random, or: 32))
        }
        folder.write(text, to: "in")
        let pipeline =
            "tr -s ' \\t\\v\\f\\r' '\\n' | grep . | sort | uniq -c | sed 's/^ *\\([0-9]*\\) \\(.*\\)$/\\2\\t\\1/'"
        let status = system("export LC_ALL=C; cd \(folder.path) && < in \(pipeline) > expected")
        #expect(status == 0)
        let files = [(name: bytes("in"), bytes: text)]
        let outcome = try JobRun(memoryByteCount: 100_000)(
            try WordCount(options: .init()), files: files, splits: [wholePieces(files)])
        #expect(outcome.parts[0] == folder.read("expected"))
    }
}
