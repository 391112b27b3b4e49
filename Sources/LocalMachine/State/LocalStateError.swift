package enum LocalStateError: Error, Hashable, Sendable, CustomStringConvertible {
    case noHome
    case cannotWrite(path: String, reason: String)
    case cannotRead(path: String, reason: String)
    case openToOthers(path: String)
    case folderOpenToOthers(path: String)
    case malformed(path: String)

    package var description: String {
        switch self {
        case .noHome:
            "neither HOME nor MR_STATE_DIR names a folder for the token file; set MR_STATE_DIR to one that only you can read"
        case .cannotWrite(let path, let reason):
            "cannot write the token file under '\(path)': \(reason); set MR_STATE_DIR to a folder that you can write"
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
}
