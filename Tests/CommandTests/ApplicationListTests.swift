import Foundation
import JSON
import Testing

@testable import MasterCommand

@Suite struct ApplicationListTests {
    @Test("Every application has an example, and nothing else has one")
    func examples() {
        #expect(ApplicationList.types.map { $0.name } == ApplicationExample.all.keys.sorted())
    }

    @Test("The list as JSON holds what the list as text does")
    func json() throws {
        guard case .array(let entries) = try JSONText.parse(Array(ApplicationList.json.utf8)) else {
            Issue.record("no array")
            return
        }
        let texts = ApplicationList.text.components(separatedBy: "\n\n")
        #expect(entries.count == texts.count)
        for (entry, text) in zip(entries, texts) {
            let members = try #require(Self.members(entry))
            guard case .string(let name) = members["name"], case .string(let summary) = members["summary"],
                case .array(let options) = members["options"], case .array(let lines) = members["example"]
            else {
                Issue.record("\(entry.text)")
                continue
            }
            #expect(text.hasPrefix("\(name): \(summary)\n"))
            for option in options.compactMap(Self.members) {
                guard case .string(let typed) = option["typed"], case .string(let summary) = option["summary"] else {
                    Issue.record("\(entry.text)")
                    continue
                }
                #expect(text.contains("  \(typed)  ") && text.contains("  \(summary)\n"), "\(typed)")
            }
            let session = lines.map { line in if case .string(let text) = line { "    \(text)" } else { "?" } }
            #expect(text.hasSuffix(session.joined(separator: "\n") + (name == "wordcount" ? "\n" : "")), "\(name)")
        }
    }

    private static func members(_ value: JSONText) -> [String: JSONText]? {
        guard case .object(let members) = value else { return nil }
        return Dictionary(members) { first, _ in first }
    }

    @Test("The page on applications shows the list as it is printed")
    func page() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..")
        let page = try String(
            contentsOf: root.appendingPathComponent("docs/applications-included.md"), encoding: .utf8)
        #expect(page.contains("\n```console\n$ mr-master --list-apps\n\(ApplicationList.text)```\n"))
    }

    @Test(
        "A name that is nearly an application's is taken for a slip of the pen, and other short names are not",
        arguments: [
            ("wordcont", "wordcount", true), ("gerp", "grep", true), ("mena", "mean", true), ("own", "join", false),
            ("avg", "max", false), ("std", "sum", false), ("failures", "streaming", false),
        ])
    func near(given: String, known: String, isNear: Bool) {
        #expect(EditDistance.areNear(given, known) == isNear)
    }
}
