/// The Swift that documents show, so that it can be compared with sources that are compiled.
package enum SwiftExamples {
    /// The Swift blocks of a page, or of a source's doc comments, in lines without the blanks before them.
    package static func blocks(in text: String, isSource: Bool) -> [[Substring]] {
        var blocks: [[Substring]] = []
        var block: [Substring]?
        for var line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if isSource {
                line = line.drop { $0 == " " }
                guard line.hasPrefix("///") else { continue }
                line = line.dropFirst(3)
            }
            let trimmed = line.drop { $0 == " " }
            switch block {
            case nil: if trimmed == "```swift" { block = [] }
            case let lines?:
                if trimmed == "```" {
                    blocks.append(lines)
                    block = nil
                } else {
                    block = lines + [trimmed]
                }
            }
        }
        return blocks
    }

    /// All lines, without the blanks before them.
    package static func trimmedLines(of text: String) -> [Substring] {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.drop { $0 == " " } }
    }
}
