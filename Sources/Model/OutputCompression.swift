/// How parts are packed, as the command line says it.
package enum OutputCompression: String, Hashable, Sendable, CaseIterable {
    case gzip = "gz"
    case zstandard = "zst"

    /// What there is to choose from, for people.
    package static let choices = "gz and zst"

    /// What the names of files end with.
    package var suffix: String { ".\(rawValue)" }

    /// What unpacks them.
    package var unpacking: InputCompression {
        switch self {
        case .gzip: .gzip
        case .zstandard: .zstandard
        }
    }
}
