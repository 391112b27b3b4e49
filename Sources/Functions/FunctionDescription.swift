/// What a list of functions says about one of them.
package struct FunctionDescription: Hashable, Sendable {
    package let name: String
    /// One sentence without its full stop.
    package let summary: String
    /// As in Python: `pow(base, exponent)`, `slice(sequence, start=0, stop=end, step=1)`, `merge(structs, *more)`.
    package let signature: String

    package init(name: String, summary: String, signature: String) {
        self.name = name
        self.summary = summary
        self.signature = signature
    }
}
