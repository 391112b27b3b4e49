/// A command line whose long runs of plain arguments, such as `input/*.txt` brings, are replaced by one argument each
/// while it is parsed: the parser's time grows with the square of the number of arguments (10,000 take seconds).
///
/// The first two arguments of a run stay, because the first may be the value of the option before it.
package struct BundledArguments {
    /// What to give to the parser.
    package let parsed: [String]
    private let bundles: [[String]]

    /// A private character; a command line that uses it itself is left as it is.
    private static let mark: Unicode.Scalar = "\u{F6FF}"
    private static let keptCount = 2
    /// Shorter runs cost the parser little, and its messages about them stay what they are.
    private static let bundledCountMin = 16

    package init(_ arguments: [String]) {
        guard arguments.count > Self.bundledCountMin, !arguments.contains(where: Self.isMarked) else {
            (parsed, bundles) = (arguments, [])
            return
        }
        var parsed: [String] = []
        var bundles: [[String]] = []
        var index = 0
        while index < arguments.count {
            let end = arguments[index...].firstIndex(where: Self.mayBeOption) ?? arguments.count
            let run = arguments[index..<end]
            if run.count >= Self.keptCount + Self.bundledCountMin {
                parsed += run.prefix(Self.keptCount)
                parsed.append("\(Self.mark)\(bundles.count)")
                bundles.append(Array(run.dropFirst(Self.keptCount)))
            } else {
                parsed += run
            }
            if end < arguments.count { parsed.append(arguments[end]) }
            index = end + 1
        }
        (self.parsed, self.bundles) = (parsed, bundles)
    }

    /// What the parser found, with every bundle taken apart again, in the order in which it was typed.
    package func unbundled(_ arguments: [String]) -> [String] {
        guard !bundles.isEmpty else { return arguments }
        return arguments.flatMap { argument in
            guard Self.isMarked(argument), let index = Int(argument.dropFirst()) else {
                return [argument]
            }
            return bundles[index]
        }
    }

    private static func isMarked(_ argument: String) -> Bool { argument.unicodeScalars.first == mark }

    private static func mayBeOption(_ argument: String) -> Bool {
        argument.utf8.first == UInt8(ascii: "-") && argument.utf8.count > 1
    }
}
