/// Why an attempt that looked for bad records failed all the same.
package struct BadRecordError: Error, CustomStringConvertible {
    package let description: String
    /// Whether any other attempt would come to the same.
    package let isFinal: Bool

    package init(_ description: String, isFinal: Bool = false) {
        self.description = description
        self.isFinal = isFinal
    }
}

/// What one attempt has to do with records on which its program fails.
package enum BadRecordAim: Hashable, Sendable {
    /// Say in the error which one it is.
    case name
    /// Leave out up to so many.
    case skip(countMax: Int)
}

extension BadRecordSearch.Trouble {
    /// - Parameter unit: What positions count, as in `bytes`.
    func text(unit: String) -> String {
        switch self {
        case .withoutInput: "it fails without any input too"
        case .onlyTogether(let range):
            "it fails on \(unit) \(range.lowerBound) to \(range.upperBound) of the task's input together, and on no single record of them"
        case .tooManyTries(let count):
            "the record was not found in \(count) runs of the program, the most that are made"
        case .timeOver(let count): "the record was not found in the time for it, in \(count) runs of the program"
        }
    }
}
