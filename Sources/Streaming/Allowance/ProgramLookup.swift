import Glibc
import LocalMachine

/// Where the program of a command is, as the shell would find it.
enum ProgramLookup {
    /// The absolute path: of the folder without links, and the name in it; nil when there is none that could be run.
    ///
    /// - Parameters:
    ///   - name: A path, or a name to look for in `PATH`.
    ///   - folder: Where the program is to run, with the NUL at its end; nil for where this process runs.
    static func path(of name: [UInt8], from folder: [UInt8]?) -> [UInt8]? {
        guard name.contains(slash) else { return inSearchPath(name) }
        if name.first == slash { return resolved(name) }
        let base = folder.map { Array($0.dropLast()) } ?? Array(".".utf8)
        return resolved(base + [slash] + name)
    }

    private static let slash = UInt8(ascii: "/")

    /// Folders that are named from where a program runs are passed over: they are the job's choice.
    private static func inSearchPath(_ name: [UInt8]) -> [UInt8]? {
        guard !name.isEmpty, let path = getenv("PATH") else { return nil }
        for folder in FileBytes.bytes(of: path).split(separator: UInt8(ascii: ":")) where folder.first == slash {
            if let found = resolved(folder + [slash] + name) { return found }
        }
        return nil
    }

    private static func resolved(_ path: [UInt8]) -> [UInt8]? {
        guard let cut = path.lastIndex(of: slash), isProgram(path) else { return nil }
        let name = path[(cut + 1)...]
        guard !name.isEmpty, !name.elementsEqual(".".utf8), !name.elementsEqual("..".utf8),
            let folder = FileBytes.withPath(Array(path[...cut]), { realpath($0, nil) })
        else { return nil }
        defer { free(folder) }
        let text = FileBytes.bytes(of: folder)
        return (text == [slash] ? [] : text) + [slash] + name
    }

    private static func isProgram(_ path: [UInt8]) -> Bool {
        var status = stat()
        return FileBytes.withPath(path) {
            stat($0, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access($0, X_OK) == 0
        }
    }
}
