import Glibc

/// The user's folder in which a master leaves word of itself, so that programs of the same user find it without asking.
///
/// `$MR_STATE_DIR`, else `$XDG_STATE_HOME/swift-mapreduce`, else `~/.local/state/swift-mapreduce`.
package struct StateDirectory: Sendable {
    package let path: String

    package init(path: String) { self.path = path }

    package static func ofUser(environment: [String: String]) throws(LocalStateError) -> StateDirectory {
        if let path = environment["MR_STATE_DIR"], !path.isEmpty { return StateDirectory(path: path) }
        if let path = environment["XDG_STATE_HOME"], path.hasPrefix("/") {
            return StateDirectory(path: path + "/swift-mapreduce")
        }
        guard let home = environment["HOME"], home.hasPrefix("/") else { throw .noHome }
        return StateDirectory(path: home + "/.local/state/swift-mapreduce")
    }

    func recordPath(host: String, port: Int) -> String { "\(path)/\(host)-\(port)" }

    /// Where masters of this user say that they listen; not all of them need be there still.
    package var masters: [HostPort] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var masters: [HostPort] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let dash = name.lastIndex(of: "-"), let port = Int(name[name.index(after: dash)...]),
                (1...65_535).contains(port)
            else { continue }
            masters.append(HostPort(host: String(name[..<dash]), port: port))
        }
        return masters.sorted { ($0.port, $0.host) < ($1.port, $1.host) }
    }

    /// Where the master at that address keeps whom it lets in.
    package func accessPath(host: String, port: Int) -> String { recordPath(host: host, port: port) + ".access" }

    /// Where it leaves the line that workers on other machines join with.
    package func joinPath(host: String, port: Int) -> String { recordPath(host: host, port: port) + ".join" }

    /// The folder where a center at that address keeps what it was given to compute.
    package func centerPath(host: String, port: Int) -> String { recordPath(host: host, port: port) + ".center" }

    /// The folder of the key and certificate that masters of this user show.
    package var tls: StateDirectory { StateDirectory(path: path + "/tls") }

    /// Makes the folder, and those above it, readable by the user alone.
    package func create() throws(LocalStateError) {
        var built = path.hasPrefix("/") ? "" : "."
        for component in path.split(separator: "/") {
            built += "/" + component
            if mkdir(built, 0o700) != 0, errno != EEXIST {
                throw .cannotWrite(path: built, errorNumber: errno)
            }
        }
        var status = stat()
        guard stat(path, &status) == 0 else { throw .cannotWrite(path: path, errorNumber: errno) }
        // Where others may rename what is there, they can put a secret of theirs in its place.
        let isOwned = status.st_uid == geteuid() || status.st_uid == 0
        let isOpen = status.st_mode & 0o022 != 0 && status.st_mode & S_ISVTX == 0
        guard isOwned, !isOpen else { throw .folderOpenToOthers(path: path) }
    }
}

func reasonOfErrno() -> String { String(cString: strerror(errno)) }
