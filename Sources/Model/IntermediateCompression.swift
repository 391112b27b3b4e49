/// Whether intermediate data is compressed on its way from one machine to another.
package enum IntermediateCompression: String, CaseIterable, Hashable, Sendable {
    /// Where that makes it arrive sooner, which whoever sends it sees.
    case auto
    case always
    case never

    package static let choices = "auto, always and never"
}
