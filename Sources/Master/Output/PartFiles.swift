import Glibc
import LocalMachine
import Model

/// The parts in an output folder, whoever made them, and `_SUCCESS`, which says that they are whole; beside them
/// `_SKIPPED`, where something was left out of them.
struct PartFiles: Sendable {
    /// Descriptor of the folder, which somebody else closes.
    let folder: CInt
    /// The folder as the user knows it.
    let path: [UInt8]

    static let successName = "_SUCCESS"

    /// - Parameter compression: How the part is packed; nil when it is not.
    static func name(_ index: Int, _ compression: OutputCompression? = nil) -> String {
        let digits = String(index)
        return "part-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
            + (compression?.suffix ?? "")
    }

    static func isPart(_ name: String) -> Bool {
        let suffix = OutputCompression.allCases.first { name.hasSuffix($0.suffix) }?.suffix ?? ""
        let plain = name.utf8.dropLast(suffix.utf8.count)
        return name.hasPrefix("part-") && plain.count >= 10
            && plain.dropFirst(5).allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private var shown: String { DisplayName.of(path) }

    var hasSuccess: Bool { has(Self.successName) }
    var hasSkippedList: Bool { has(SkippedList.fileName) }

    private func has(_ name: String) -> Bool {
        var status = stat()
        return fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0
    }

    /// In the order of their names.
    func names() throws(OutputError) -> [String] {
        try FolderNames.of(folder, shown: shown).filter(Self.isPart).sorted()
    }

    /// Deletes them all, `_SUCCESS` first and for good: the folder must never claim to hold a whole result while it does not.
    func removeAll() throws(OutputError) {
        try removeSuccess()
        try remove(SkippedList.fileName)
        let names = try names()
        for name in names { try remove(name) }
        guard names.isEmpty || fsync(folder) == 0 else { throw .failed(shown) }
    }

    /// Deletes those of these numbers that are there, in the same order.
    func remove(_ names: Set<String>) throws(OutputError) {
        try removeSuccess()
        try remove(SkippedList.fileName)
        for name in names.sorted() { try remove(name) }
    }

    private func removeSuccess() throws(OutputError) {
        // What it says of parts is over with them.
        unlinkat(folder, PendingMerge.name, 0)
        if unlinkat(folder, Self.successName, 0) == 0 {
            guard fsync(folder) == 0 else { throw .failed(shown) }
        } else if errno != ENOENT {
            throw .failed("\(shown)/\(Self.successName)")
        }
    }

    private func remove(_ name: String) throws(OutputError) {
        guard unlinkat(folder, name, 0) == 0 || errno == ENOENT else { throw .failed("\(shown)/\(name)") }
    }

    /// Finds out before a job runs what would be in its way only when its first part is ready.
    func checkRemovable() throws(OutputError) {
        for name in try names() + [Self.successName, SkippedList.fileName] {
            var status = stat()
            guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0, status.st_mode & S_IFMT == S_IFDIR else {
                continue
            }
            errno = EISDIR
            throw .failed("\(shown)/\(name)")
        }
    }

    /// Whether ``removeAll()`` would delete the file of that absolute path.
    func contains(_ file: [UInt8]) -> Bool {
        guard let slash = file.lastIndex(of: UInt8(ascii: "/")),
            let name = String(validating: file[file.index(after: slash)...], as: UTF8.self),
            name == Self.successName || name == SkippedList.fileName || Self.isPart(name)
        else { return false }
        var own = stat()
        var other = stat()
        guard fstat(folder, &own) == 0, FileBytes.withPath(Array(file[...slash]), { stat($0, &other) }) == 0 else {
            return false
        }
        return own.st_dev == other.st_dev && own.st_ino == other.st_ino
    }
}

/// What a folder holds.
enum FolderNames {
    /// - Parameter shown: What to call the folder in an error.
    static func of(_ folder: CInt, shown: String) throws(OutputError) -> [String] {
        // A descriptor of its own, because reading moves its position and closing the stream closes it.
        let copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0, let stream = fdopendir(copy) else { throw .failed(shown) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                String(validating: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            // Names that are not UTF-8 are not ours.
            if let name, name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
