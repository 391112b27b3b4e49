import Glibc

/// A folder with all that is below it.
package enum FolderTree {
    /// Takes it away as far as that is possible. Links are taken away and not followed.
    package static func remove(_ path: String) { remove(Array(path.utf8)) }

    private static func remove(_ path: [UInt8]) {
        for name in names(in: path) {
            let entry = path + [UInt8(ascii: "/")] + name
            // A folder can't be unlinked.
            if FileBytes.withPath(entry, { unlink($0) }) != 0 { remove(entry) }
        }
        FileBytes.withPath(path) { _ = rmdir($0) }
    }

    private static func names(in path: [UInt8]) -> [[UInt8]] {
        let folder = FileBytes.withPath(path) { open($0, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) }
        guard folder >= 0 else { return [] }
        guard let stream = fdopendir(folder) else {
            close(folder)
            return []
        }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != Array(".".utf8), name != Array("..".utf8) { names.append(name) }
        }
        return names
    }
}
