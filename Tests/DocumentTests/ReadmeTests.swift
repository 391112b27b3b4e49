import Foundation
import Testing

@Suite("README.md")
struct ReadmeTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../..").standardizedFileURL

    /// The programs of the same build as this test.
    private static let programs = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent()

    /// The sessions listen where everyone's first master and center do.
    private static var areDefaultPortsFree: Bool {
        let probe = Process()
        probe.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        probe.arguments = [
            "python3", "-c",
            "import socket; [socket.create_server(('127.0.0.1', port)) for port in (8000, 8787, 8788, 8789)]",
        ]
        probe.standardError = FileHandle.nullDevice
        guard (try? probe.run()) != nil else { return false }
        probe.waitUntilExit()
        return probe.terminationStatus == 0
    }

    @Test(
        "its terminal session prints what it says, and so do those of other pages",
        .enabled(if: areDefaultPortsFree, "one of the ports 8000, 8787, 8788, 8789 is in use"),
        arguments: [
            "README.md", "docs/streaming.md", "docs/mr-ctl.md", "docs/worker-protocol.md", "docs/launching.md",
            "docs/data.md", "Examples/learner/README.md",
        ])
    func session(page: String) throws {
        let demo = Process()
        let output = Pipe()
        demo.executableURL = Self.root.appendingPathComponent("Scripts/demo")
        demo.arguments = [page]
        demo.environment = ProcessInfo.processInfo.environment.merging(["PROGRAMS": Self.programs.path]) { $1 }
        demo.standardOutput = output
        demo.standardError = output
        try demo.run()
        let printed = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        demo.waitUntilExit()
        #expect(demo.terminationStatus == 0, "\(printed)")
    }

    @Test("the files that it and the pages in docs link to exist")
    func links() throws {
        let pages = [
            "README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/applications.md",
            "docs/applications-included.md", "docs/dependencies.md",
            "docs/protocol.md", "docs/streaming.md", "docs/mr-ctl.md", "docs/xmlrpc.md", "docs/coming-from.md",
            "docs/worker-protocol.md",
            "docs/launching.md", "docs/data.md", "Examples/learner/README.md",
        ]
        for page in pages {
            let url = Self.root.appendingPathComponent(page)
            let text = try String(contentsOf: url, encoding: .utf8)
            for match in text.matches(of: /\]\(([^)#:]+)\)/) {
                let target = url.deletingLastPathComponent().appendingPathComponent(String(match.1))
                #expect(FileManager.default.fileExists(atPath: target.path), "\(page) links to \(match.1)")
            }
        }
    }
}
