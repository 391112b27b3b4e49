import Conformance
import Foundation
import Testing

@Suite("Cases of mr-ctl conform")
struct ConformanceCaseTests {
    private static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private func text(_ path: String) throws -> String {
        try String(contentsOf: Self.package.appendingPathComponent(path), encoding: .utf8)
    }

    @Test("Each stands under a heading of the page that findings name")
    func headings() throws {
        let page = try text(Conformance.page)
        let headings = page.split(separator: "\n").filter { $0.hasPrefix("#") }
            .map { $0.drop { $0 == "#" }.dropFirst() }
        for item in Conformance.cases {
            #expect(headings.contains(item.chapter[...]), "\(item.name) names '\(item.chapter)'")
        }
    }

    @Test("Their names are their own, and can be typed")
    func names() {
        let names = Conformance.cases.map(\.name)
        #expect(Set(names).count == names.count)
        for name in names {
            #expect(name.utf8.allSatisfy { (0x61...0x7A).contains($0) || $0 == UInt8(ascii: "-") }, "\(name)")
        }
    }

    @Test("docs/mr-ctl.md names each")
    func page() throws {
        let page = try text("docs/mr-ctl.md")
        for item in Conformance.cases { #expect(page.contains("`\(item.name)`"), "\(item.name) is missing") }
    }
}
