/// What becomes of a key and a value in a part.
package enum LineForm: Hashable, Sendable {
    /// The key, TAB and the value.
    case text
    /// The key alone.
    case key
    /// An object with both.
    case json
}

/// An application wrote lines of its own where the job asks for keys and values in another form.
package struct LineFormError: Error, Hashable, CustomStringConvertible {
    package let form: LineForm

    package init(form: LineForm) { self.form = form }

    package var description: String {
        "the application writes lines of its own, not keys and values, so they can't be written as --output-format \(form); leave the option out"
    }
}
