/// Why a journal cannot be used.
package enum JournalError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Another process has it open, or this one has, elsewhere.
    case inUse(path: String)
    /// A journal that has lost something that was acknowledged, or can't be read whole. It is left as it was found.
    case damaged(path: String, detail: String)
    /// What has that name is not a journal.
    case foreign(path: String)
    /// A journal in the format of another version of this program.
    case otherVersion(path: String, found: Int, expected: Int)
    /// The disk has no room: nothing was stored, and the same call may be made again.
    case full(path: String)
    /// Anything else. The journal is given up: each later call throws this, and nothing is tried a second time, because
    /// the kernel forgets which pages it could not write, and a second sync would succeed without them.
    case failed(path: String, reason: String)

    package var description: String {
        switch self {
        case .inUse(let path):
            "the journal '\(path)' is in use by another master; let that one end, or name another path"
        case .damaged(let path, let detail):
            "the journal '\(path)' is damaged: \(detail); put back a whole copy of it and the files beside it, or use "
                + "--restart, which begins again from nothing, and deletes the journal"
        case .foreign(let path):
            "'\(path)' is not a journal of this program, and stays as it is; move it away or name another path"
        case .otherVersion(let path, let found, let expected):
            "the journal '\(path)' has format \(found), and this program reads format \(expected); resume the job with the "
                + "version that began it, or use --restart, which begins again from nothing, and deletes the journal"
        case .full(let path):
            "no room on the disk for the journal '\(path)'; free space there"
        case .failed(let path, let reason):
            "the journal '\(path)' cannot be used: \(reason); see to that and start again: what was acknowledged is kept"
        }
    }
}
