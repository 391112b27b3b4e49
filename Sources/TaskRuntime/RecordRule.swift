package import ApplicationAPI
package import Model

/// What records a map task makes of its input, where the application alone does not say.
package struct RecordRule: Hashable, Sendable {
    /// nil: as the application asks for.
    package var format: RecordFormat?
    /// Whether the first record of each file is passed over.
    package var skipsHeaders: Bool

    package init(format: RecordFormat? = nil, skipsHeaders: Bool = false) {
        self.format = format
        self.skipsHeaders = skipsHeaders
    }

    package init(_ forms: DataForms) {
        self.init(format: forms.input.map(RecordFormat.init), skipsHeaders: forms.skipsHeaders)
    }
}

extension RecordFormat {
    package init(_ form: InputForm) {
        switch form {
        case .lines: self = .lines
        case .nul: self = .nulTerminated
        case .fixed(let byteCount): self = .fixedLength(byteCount: byteCount)
        case .csv: self = .csv
        case .file: self = .wholeFile
        }
    }

    /// The same as the command line says it.
    package var form: InputForm {
        switch self {
        case .lines: .lines
        case .nulTerminated: .nul
        case .fixedLength(let byteCount): .fixed(byteCount: byteCount)
        case .csv: .csv
        case .wholeFile: .file
        }
    }
}
