import Foundation
import Testing

@Suite("docs/protocol.md")
struct ProtocolDocumentTests {
    @Test("is what a running master says of itself and answers")
    func current() throws {
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appendingPathComponent("protocol-document")
        let process = Process()
        let output = Pipe()
        process.executableURL = program
        process.standardOutput = output
        try process.run()
        let written = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../docs/protocol.md").standardizedFileURL
        let kept = try String(contentsOf: page, encoding: .utf8)
        #expect(written == kept, "docs/protocol.md is not up to date; write it anew with: make docs")
        #expect(kept.contains("## request_task"))
    }
}
