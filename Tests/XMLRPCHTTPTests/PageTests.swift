import Foundation
import TestSupport
import Testing

/// The examples in docs/xmlrpc.md, in the DocC catalogues and in the doc comments of the library.
@Suite struct PageTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../..").standardizedFileURL

    /// The programs of the same build as this test.
    private static let programs = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    private static func files(_ folder: String, _ pathExtension: String) throws -> [String] {
        let found = FileManager.default.enumerator(atPath: root.appendingPathComponent(folder).path)
        return (found?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix("." + pathExtension) }
            .map { "\(folder)/\($0)" }.sorted()
    }

    private static func examples(_ path: String) throws -> [[Substring]] {
        SwiftExamples.blocks(in: try text(path), isSource: path.hasSuffix(".swift"))
    }

    private static func trimmedLines(_ path: String) throws -> [Substring] {
        SwiftExamples.trimmedLines(of: try text(path))
    }

    private static let pages = ["docs/xmlrpc.md"]
    private static let libraries = ["Sources/XMLRPC", "Sources/XMLRPCHTTP"]

    @Test("every Swift example stands, line for line, in a source file that this build has compiled")
    func examples() throws {
        let compiled = try
            (Self.files("Tests/XMLRPCHTTPTests/Examples", "swift")
            + ["Examples/AddServer/main.swift", "Examples/AddClient/main.swift"]).map(Self.trimmedLines)
        let documented =
            try Self.pages
            + Self.libraries.flatMap {
                try Self.files($0, "md") + Self.files($0, "swift")
            }
        var count = 0
        for path in documented {
            for example in try Self.examples(path) {
                count += 1
                let isCompiled = compiled.contains { $0.firstRange(of: example) != nil }
                #expect(isCompiled, "\(path):\n\(example.joined(separator: "\n"))")
            }
        }
        #expect(count >= 20)
    }

    @Test("doc comments of what is public mark their examples as Swift, so that they are tried")
    func marks() throws {
        for path in try Self.libraries.flatMap({ try Self.files($0, "swift") }) {
            var isIndented = false
            var isFenced = false
            var isAfterBlank = false
            for line in try Self.trimmedLines(path) {
                if line.hasPrefix("///") {
                    if line.hasPrefix("/// ```") { isFenced.toggle() }
                    // After a blank line: others continue an item of a list.
                    isIndented = isIndented || (!isFenced && isAfterBlank && line.hasPrefix("///     "))
                    isAfterBlank = line == "///"
                } else {
                    #expect(!(isIndented && line.hasPrefix("public")), "\(path): \(line)")
                    isIndented = false
                }
            }
        }
    }

    @Test("the page's server takes at most 15 lines and its client 5, and both are the whole programs")
    func sizes() throws {
        let examples = try Self.examples("docs/xmlrpc.md")
        for (program, lineCountMax) in [("AddServer", 15), ("AddClient", 5)] {
            let lines = try Self.trimmedLines("Examples/\(program)/main.swift").dropLast()
            #expect(lines.count <= lineCountMax)
            #expect(examples.contains(Array(lines)), "\(program) is not what docs/xmlrpc.md shows")
        }
    }

    @Test("the page's client gets its sum from the page's server", .timeLimit(.minutes(1)))
    func programs() throws {
        let server = Process()
        let output = Pipe()
        // What is printed into a pipe otherwise waits for more.
        server.executableURL = URL(fileURLWithPath: "/usr/bin/stdbuf")
        server.arguments = ["-oL", Self.programs.appendingPathComponent("add-server").path]
        server.standardOutput = output
        try server.run()
        defer {
            server.terminate()
            server.waitUntilExit()
        }
        var address = Data()
        while let byte = try output.fileHandleForReading.read(upToCount: 1), byte != Data("\n".utf8) { address += byte }

        let client = Process()
        let answer = Pipe()
        client.executableURL = Self.programs.appendingPathComponent("add-client")
        client.arguments = [String(decoding: address, as: UTF8.self)]
        client.standardOutput = answer
        try client.run()
        let printed = String(decoding: answer.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        client.waitUntilExit()
        #expect(printed == "5\n" && client.terminationStatus == 0, "asked \(address)")
    }
}
