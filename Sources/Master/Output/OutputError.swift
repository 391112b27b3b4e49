import Glibc

/// Why the output folder can't be used or a part can't be put in place.
package enum OutputError: Error, Hashable, Sendable, CustomStringConvertible {
    case holdsFinishedJob(path: String)
    case holdsParts(path: String, name: String)
    case notAFolder(path: String)
    case inUse(path: String)
    /// What has the name of the journal's folder is a link, or belongs to somebody else.
    case foreignJournal(path: String)
    /// A folder on the way to it does not exist.
    case parentMissing(path: String, missing: String)
    /// The number is that of the error in `errno`.
    case cannotWrite(path: String, errorNumber: CInt)
    case attemptFileMissing(name: String)
    case attemptFileWrong(name: String, byteCountExpected: Int64, byteCountFound: Int64)
    case jobIsOver(name: String)
    case partMissing(name: String, reason: String)

    package var description: String {
        switch self {
        case .holdsFinishedJob(let path):
            "output '\(path)' already holds a finished job; add --overwrite to replace it, or choose another --output"
        case .holdsParts(let path, let name):
            "output '\(path)' holds '\(name)', and no _SUCCESS or journal says of what job; add --overwrite to delete all its parts, or choose another --output"
        case .notAFolder(let path):
            "output '\(path)' is not a folder; choose another --output"
        case .inUse(let path):
            "another mr-master is writing to output '\(path)'; wait for it or choose another --output"
        case .foreignJournal(let path):
            "'\(path)' is not a folder that only you can write, so no journal is looked for there; remove it, or choose another --output"
        case .parentMissing(let path, let missing):
            "output '\(path)' cannot be made, because folder '\(missing)' does not exist; make that one, or choose another --output"
        case .cannotWrite(let path, let number):
            "output '\(path)' cannot be written: \(String(cString: strerror(number))); \(Self.remedy(number))"
        case .attemptFileMissing(let name):
            "the output of \(name) is not there: it was deleted, or never reached this machine"
        case .attemptFileWrong(let name, let expected, let found):
            "the output of \(name) has \(found) bytes instead of \(expected)"
        case .jobIsOver(let name):
            "the output of \(name) came after the end of the job"
        case .partMissing(let name, let reason):
            "\(name) cannot be found at the end of the job: \(reason)"
        }
    }

    private static func remedy(_ number: CInt) -> String {
        switch number {
        case ENOSPC, EDQUOT: "make room there, or choose another --output"
        case EACCES, EPERM: "change permissions, or choose another --output"
        case EMFILE, ENFILE: "raise the master's limits (ulimit -n)"
        default: "choose another --output"
        }
    }
}
