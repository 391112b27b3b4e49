import ApplicationAPI

/// What counts as a word, and whether case matters, as options say.
struct WordOptions: Sendable {
    let rule: WordRule
    let lowercase: Bool

    static let all = [
        ApplicationOption("lowercase", "counts A-Z as a-z", kind: .flag),
        ApplicationOption("letters", "takes runs of ASCII letters as words", kind: .flag),
    ]

    /// - Throws: `ApplicationOptionError`
    init(_ options: ApplicationOptions) throws {
        rule = try options.flag("letters") ? .letters : .betweenWhiteSpace
        lowercase = try options.flag("lowercase")
    }
}
