/// How input becomes records, as the command line says it.
package enum InputForm: Hashable, Sendable {
    case lines
    case nul
    case fixed(byteCount: Int)
    case csv
    /// A file is a record.
    case file

    /// The most bytes of a record of fixed length.
    package static let fixedByteCountMax = 256 << 20
    /// What there is to choose from, for people.
    package static let choices = "lines, nul, fixed:N, csv and file"

    private static let fixedPrefix = "fixed:"

    /// - Parameter text: One of ``choices``, with the number of a record's bytes for N.
    package init?(_ text: String) {
        switch text {
        case "lines": self = .lines
        case "nul": self = .nul
        case "csv": self = .csv
        case "file": self = .file
        default:
            guard text.hasPrefix(Self.fixedPrefix) else { return nil }
            let digits = text.dropFirst(Self.fixedPrefix.count)
            guard let count = Int(digits), (1...Self.fixedByteCountMax).contains(count), String(count) == digits else {
                return nil
            }
            self = .fixed(byteCount: count)
        }
    }

    /// What ``init(_:)`` reads.
    package var text: String {
        switch self {
        case .lines: "lines"
        case .nul: "nul"
        case .fixed(let byteCount): "\(Self.fixedPrefix)\(byteCount)"
        case .csv: "csv"
        case .file: "file"
        }
    }
}
