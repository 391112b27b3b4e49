/// What becomes of a key and its value in a part, as the command line says it.
package enum OutputForm: String, Hashable, Sendable, CaseIterable {
    case text
    case key
    case json

    /// What there is to choose from, for people.
    package static let choices = "text, key and json"
}
