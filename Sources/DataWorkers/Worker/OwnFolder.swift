import Glibc

/// A folder for this user alone, in a scratch folder.
enum OwnFolder {
    static func make(_ path: String) throws(FolderError) {
        guard mkdir(path, 0o700) == 0 else { throw FolderError(path: path, reason: String(cString: strerror(errno))) }
    }
}

/// A folder that can't be made.
struct FolderError: Error, Hashable, CustomStringConvertible {
    let path: String
    let reason: String

    var description: String { "cannot make the folder '\(path)': \(reason); name another place with --scratch" }
}
