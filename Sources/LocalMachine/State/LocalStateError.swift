import Glibc

/// Why a file that is for its user alone can't be written or read: most often a master's token file.
package enum LocalStateError: Error, Hashable, Sendable, CustomStringConvertible {
    case noHome
    case cannotWrite(path: String, errorNumber: CInt)
    case cannotRead(path: String, reason: String)
    case openToOthers(path: String)
    case folderOpenToOthers(path: String)
    case malformed(path: String)

    package var description: String {
        switch self {
        case .noHome:
            "neither HOME nor MR_STATE_DIR names a folder for the token file; set MR_STATE_DIR to one that only you can read"
        case .cannotWrite(let path, let number):
            "cannot write '\(path)': \(String(cString: strerror(number))); \(Self.remedy(number))"
        case .cannotRead(let path, let reason):
            "cannot read the token file '\(path)': \(reason)"
        case .openToOthers(let path):
            "the token file '\(path)' can be read by others or is not yours; remove it and start the master again"
        case .folderOpenToOthers(let path):
            "the folder '\(path)' for the token file can be written by others or is not yours; set MR_STATE_DIR to one that only you can write"
        case .malformed(let path):
            "the token file '\(path)' is not one of this version; remove it and start the master again"
        }
    }

    private static func remedy(_ number: CInt) -> String {
        switch number {
        case EMFILE, ENFILE: "raise the limits of \(program) (ulimit -n)"
        case ENOSPC, EDQUOT: "make room there"
        default:
            "it must be a place that you can write: MR_STATE_DIR names that of token files, and TMPDIR that of temporary ones"
        }
    }

    private static let program =
        CommandLine.arguments.first?.split(separator: "/").last ?? "the program that writes it"
}
