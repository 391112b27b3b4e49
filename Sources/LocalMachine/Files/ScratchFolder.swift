import Glibc

/// Why there is no place for temporary files.
package struct ScratchError: Error, Hashable, Sendable, CustomStringConvertible {
    package let path: String
    package let reason: String

    package var description: String {
        "cannot make a temporary folder under '\(path)': \(reason); name one that you can write with --scratch or TMPDIR"
    }
}

/// A folder of a process's own for temporary files: new, mode 0700, locked for as long as its owner lives.
///
/// The lock is how others tell the folder of a live process from what a killed one left behind.
package final class ScratchFolder: Sendable {
    /// Absolute.
    package let path: String
    private let lock: CInt

    /// Whose it is. Each sweeps away its own alone.
    package enum Kind: Sendable {
        /// Masters and workers.
        case running
        /// One case of `mr-ctl conform`.
        case conformance

        fileprivate var prefix: String {
            switch self {
            case .running: "mr-scratch-"
            case .conformance: "mr-conform-"
            }
        }
    }

    /// - Parameter parent: Must exist.
    package init(under parent: String, _ kind: Kind = .running) throws(ScratchError) {
        guard let resolved = realpath(parent, nil) else {
            throw ScratchError(path: parent, reason: String(cString: strerror(errno)))
        }
        defer { free(resolved) }
        let folder = String(cString: resolved)
        var template = Array((folder + "/" + kind.prefix + "\(geteuid())-XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else {
            throw ScratchError(path: parent, reason: String(cString: strerror(errno)))
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        lock = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        // Whoever may write in the parent could have put a folder of his own in its place.
        var status = stat()
        if lock >= 0, fstat(lock, &status) == 0, status.st_uid != geteuid() || status.st_mode & 0o077 != 0 {
            throw ScratchError(path: path, reason: "somebody else put another folder in its place")
        }
        guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0, access(path, F_OK) == 0 else {
            // Between its making and its lock, a process that sweeps may take it for one that was left behind.
            throw ScratchError(path: path, reason: String(cString: strerror(errno)))
        }
    }

    /// Like ``init(under:)``, and again when another process swept the new folder away before it was locked.
    package static func make(under parent: String, _ kind: Kind = .running) throws(ScratchError) -> ScratchFolder {
        for _ in 1..<triesMax {
            // The last try's error is the one to tell.
            if let folder = try? ScratchFolder(under: parent, kind) { return folder }
        }
        return try ScratchFolder(under: parent, kind)
    }

    private static let triesMax = 5

    /// Takes over the folder of a process that has ended; nil when there is none of that path, or its owner still lives.
    package init?(adopting path: String) {
        guard let name = path.split(separator: "/").last, name.hasPrefix(Kind.running.prefix + "\(geteuid())-") else {
            return nil
        }
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard folder >= 0 else { return nil }
        var status = stat()
        guard fstat(folder, &status) == 0, status.st_uid == geteuid(), flock(folder, LOCK_EX | LOCK_NB) == 0,
            access(path, F_OK) == 0
        else {
            close(folder)
            return nil
        }
        self.path = path
        lock = folder
    }

    deinit { close(lock) }

    /// Leaves the folder to whoever resumes the job of that journal: as long as the journal exists nobody sweeps it away.
    package func keep(for journal: String) {
        // What can't be marked may be swept away, and is then made again.
        symlink(journal, path + "/" + Self.keptForName)
    }

    private static let keptForName = "kept-for"
    /// A job that nobody has resumed for so long is forgotten.
    private static let keptMax = 7 * 86_400

    /// Whether a job that can be resumed needs what is in the folder.
    private static func isKept(_ path: String, _ status: stat) -> Bool {
        // Follows the link: it leads to the journal, or nowhere.
        access(path + "/" + keptForName, F_OK) == 0 && time(nil) - status.st_mtim.tv_sec < keptMax
    }

    /// Whether nobody has deleted it.
    package var exists: Bool { access(path, F_OK) == 0 }

    /// Takes the folder away with all that is in it.
    package func remove() { Self.remove(path) }

    /// Of all that it holds; none when it can't be read.
    package var fileNames: [String] { Self.names(in: path) }

    /// Takes away what killed processes of the same user left under `parent`. Live ones hold their lock.
    ///
    /// - Parameters:
    ///   - age: Only folders in which nothing was made for so long: map output of a worker that was just killed can still be
    ///     read, and need not be made again.
    ///   - prepare: Called for each that is about to go, with its path.
    package static func sweep(
        under parent: String, _ kind: Kind = .running, olderThan age: Duration = .zero,
        prepare: (_ path: String) -> Void = { _ in }
    ) {
        let newest = time(nil) - Int(age.components.seconds)
        let user = geteuid()
        let ownPrefix = kind.prefix + "\(user)-"
        for name in names(in: parent) where name.hasPrefix(ownPrefix) {
            let path = parent + "/" + name
            let folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard folder >= 0 else { continue }
            var status = stat()
            if fstat(folder, &status) == 0, status.st_uid == user, status.st_mtim.tv_sec <= newest,
                !isKept(path, status), flock(folder, LOCK_EX | LOCK_NB) == 0
            {
                prepare(path)
                remove(path)
            }
            close(folder)
        }
    }

    private static func remove(_ path: String) { FolderTree.remove(path) }

    private static func names(in path: String) -> [String] {
        guard let stream = opendir(path) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}

extension ScratchFolder {
    /// Opens a file for reading and writing that has no name and vanishes when it is closed.
    package func makeUnnamedFile() throws(ScratchError) -> CInt {
        var template = Array((path + "/unnamed-XXXXXX").utf8CString)
        let named = mkstemp(&template)
        guard named >= 0 else { throw ScratchError(path: path, reason: String(cString: strerror(errno))) }
        unlink(template)
        guard fcntl(named, F_SETFD, FD_CLOEXEC) == 0 else {
            let reason = String(cString: strerror(errno))
            close(named)
            throw ScratchError(path: path, reason: reason)
        }
        return named
    }
}

extension ScratchFolder {
    /// Removes all files whose names begin so.
    package func removeFiles(withPrefix prefix: String) {
        for name in Self.names(in: path) where name.hasPrefix(prefix) { unlink(path + "/" + name) }
    }

    /// - Parameter name: Without a slash; nothing happens when there is no such file.
    package func removeFile(_ name: String) { unlink(path + "/" + name) }
}
