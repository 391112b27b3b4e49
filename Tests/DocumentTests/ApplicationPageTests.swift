import Foundation
import TestSupport
import Testing

/// The DocC catalogue of ApplicationAPI, its doc comments, and docs/applications.md.
@Suite("Applications of one's own, as documents show them")
struct ApplicationPageTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../..").standardizedFileURL

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    private static func files(_ folder: String, _ pathExtension: String) -> [String] {
        let found = FileManager.default.enumerator(atPath: root.appendingPathComponent(folder).path)
        return (found?.compactMap { $0 as? String } ?? []).filter { $0.hasSuffix("." + pathExtension) }
            .map { "\(folder)/\($0)" }.sorted()
    }

    private static let library = "Sources/ApplicationAPI"

    @Test("Every Swift example stands, line for line, in an example worker that this build has compiled")
    func examples() throws {
        let compiled = try ["Examples/OwnWorker", "Examples/PageWorker"].flatMap { Self.files($0, "swift") }
            .map { SwiftExamples.trimmedLines(of: try Self.text($0)) }
        let pages =
            Self.files(Self.library, "md") + Self.files(Self.library, "swift")
            + Self.files("Sources/WorkerCommand", "swift")
            + ["docs/applications.md"]
        var count = 0
        for page in pages {
            for example in SwiftExamples.blocks(in: try Self.text(page), isSource: page.hasSuffix(".swift")) {
                // A manifest is compiled by no target, and its names are checked below.
                guard example.first?.hasPrefix("// swift-tools-version") != true else { continue }
                count += 1
                let program = Self.program(example)
                let isCompiled = compiled.contains {
                    $0.firstRange(of: example) != nil || program != nil && Self.program($0) == program
                }
                #expect(isCompiled, "\(page):\n\(example.joined(separator: "\n"))")
            }
        }
        #expect(count >= 18)
    }

    /// A whole program without its name and those of its applications, of which each page has others; nil of anything else.
    private static func program(_ lines: [Substring]) -> String? {
        guard lines.contains("@main"), lines.first == "import ApplicationAPI" else { return nil }
        return lines.joined(separator: " ")
            .replacing(/enum [A-Za-z]+/, with: "enum").replacing(/\[[^\]]*\]/, with: "[]")
            .trimmingCharacters(in: .whitespaces)
    }

    @Test("The manifests that are shown name a product and modules that there are")
    func manifests() throws {
        let manifest = try Self.text("Package.swift")
        #expect(manifest.contains(#".library(name: "ApplicationAPI", targets: ["ApplicationAPI", "WorkerCommand"])"#))
        let version = try #require(manifest.split(separator: "\n").first)
        for page in ["docs/applications.md", "\(Self.library)/ApplicationAPI.docc/OwnWorker.md"] {
            let shown = SwiftExamples.blocks(in: try Self.text(page), isSource: false).filter { $0.first == version }
            #expect(shown.count == 1, "\(page)")
            #expect(
                shown.joined().contains(
                    #"dependencies: [.product(name: "ApplicationAPI", package: "swift-mapreduce")])"#))
        }
    }

    @Test("Everything public has a doc comment, but for the defaults of what the protocol describes")
    func docComments() throws {
        var count = 0
        for path in Self.files(Self.library, "swift") {
            var isDefault = false
            var enumEnd: String?
            var previous: Substring = ""
            for line in try Self.text(path).split(separator: "\n", omittingEmptySubsequences: false) {
                let trimmed = line.drop { $0 == " " }
                // Conformances are described where the protocols are.
                if line.hasPrefix("extension ") {
                    isDefault = line.hasPrefix("extension Application {") || line.contains(":")
                }
                if line == "}" { isDefault = false }
                if line == enumEnd ?? "" { enumEnd = nil }
                let isPublic = trimmed.hasPrefix("public ") || enumEnd != nil && trimmed.hasPrefix("case ")
                if isPublic, !isDefault {
                    count += 1
                    #expect(previous.hasPrefix("///"), "\(path): \(trimmed) has no doc comment")
                }
                if trimmed.hasPrefix("public enum ") { enumEnd = line.prefix { $0 == " " } + "}" }
                if !trimmed.hasPrefix("@") { previous = trimmed }
            }
        }
        #expect(count > 80)
    }
}
