package import ApplicationAPI
package import Model

/// In what form a task writes a part.
package struct PartForm: Hashable, Sendable {
    package var lines: LineForm
    /// nil: not packed.
    package var compression: OutputCompression?

    package init(lines: LineForm = .text, compression: OutputCompression? = nil) {
        self.lines = lines
        self.compression = compression
    }

    package init(_ forms: DataForms) {
        self.init(lines: LineForm(forms.output), compression: forms.compression)
    }
}

extension LineForm {
    package init(_ form: OutputForm) {
        switch form {
        case .text: self = .text
        case .key: self = .key
        case .json: self = .json
        }
    }
}
