package import Journal

/// Why an interrupted job can't go on.
package enum ResumeError: Error, Hashable, Sendable, CustomStringConvertible {
    case noPlace(String)
    case journal(JournalError)
    case otherProgram(version: String, own: String)
    case unreadable(String)

    package var description: String {
        switch self {
        case .noPlace(let reason): reason
        case .journal(let error): "\(error)"
        case .otherProgram(let version, let own):
            "the output folder holds an interrupted job of version \(version), and this is \(own); "
                + "go on with that version, or begin again with --restart"
        case .unreadable(let reason):
            "the journal of an interrupted job in the output folder makes no sense (\(reason)); begin again with --restart"
        }
    }
}
