import Glibc
import LocalMachine
package import Model
import TaskRuntime

/// Reads the files that a command line ships, once, so that whoever gets them can tell whether they are these.
package enum ShippedFileScanner {
    /// - Parameters:
    ///   - paths: As they were typed; tasks find each under the last component of its path.
    ///   - archives: The same, and `#NAME` after it where tasks are to find its folder under another name.
    ///   - makeTemporaryFile: Makes a file without a name, open for reading and writing.
    package static func scan(
        _ paths: [[UInt8]], archives: [[UInt8]] = [], makeTemporaryFile: () throws -> CInt
    ) throws(ShippedFileError) -> [ShippedFile] {
        guard paths.count + archives.count <= ShippedFile.countMax else {
            throw .tooMany(count: paths.count + archives.count)
        }
        var files: [ShippedFile] = []
        var total: Int64 = 0
        for (index, path) in (paths + archives).enumerated() {
            let file =
                index < paths.count
                ? try scan(Typed(option: "--files", path: path)) : try scan(archive: path, makeTemporaryFile)
            guard !files.contains(where: { $0.file.name == file.file.name }) else {
                throw .twice(name: DisplayName.of(file.file.name))
            }
            total += file.file.byteCount
            guard total <= ShippedFile.byteCountMax else { throw .tooLarge(byteCount: total) }
            files.append(file)
        }
        return files
    }

    private struct Typed {
        let option: String
        let path: [UInt8]
        /// nil for the last component of the path.
        var name: [UInt8]?

        var shown: String { "\(option) '\(DisplayName.of(path))'" }
    }

    private static func scan(
        archive text: [UInt8], _ makeTemporaryFile: () throws -> CInt
    ) throws(ShippedFileError) -> ShippedFile {
        var typed = Typed(option: "--archives", path: text)
        if let mark = text.lastIndex(of: UInt8(ascii: "#")) {
            typed = Typed(option: "--archives", path: Array(text[..<mark]), name: Array(text[(mark + 1)...]))
        }
        let file = try scan(typed)
        do {
            let source = try FileInputSource(file.file)
            defer { source.close() }
            try Archive.unpack(source, into: nil, makeTemporaryFile: makeTemporaryFile)
        } catch {
            throw .noArchive(typed: typed.shown, reason: "\(error)")
        }
        return ShippedFile(file: file.file, digest: file.digest, isExecutable: false, isArchive: true)
    }

    private static func scan(_ typed: Typed) throws(ShippedFileError) -> ShippedFile {
        let path = typed.path
        let name = typed.name ?? Array(path[(path.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0)...])
        guard ShippedFile.isName(name), !path.contains(0) else { throw .noName(typed: typed.shown) }
        var status = stat()
        guard FileBytes.withPath(path, { stat($0, &status) }) == 0 else {
            let reason = String(cString: strerror(errno))
            if let options = separate(typed) { throw .manyAtOnce(typed: typed.shown, options: options) }
            throw .unreadable(typed: typed.shown, reason: reason)
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(typed: typed.shown) }
        guard Int64(status.st_size) <= ShippedFile.byteCountMax else {
            throw .tooLarge(byteCount: Int64(status.st_size))
        }
        let file = InputFile(
            path: absolute(path), name: name, byteCount: Int64(status.st_size),
            modifiedNanoseconds: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec))
        do {
            let source = try FileInputSource(file)
            defer { source.close() }
            return ShippedFile(
                file: file, digest: try ContentDigest.read(source), isExecutable: status.st_mode & 0o111 != 0)
        } catch {
            throw .unreadable(typed: typed.shown, reason: "\(error)")
        }
    }

    /// The same with an option for each file where the path is a list with commas, as Hadoop takes it; nil where it is none.
    private static func separate(_ typed: Typed) -> String? {
        let pieces = typed.path.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map(Array.init)
        guard pieces.count > 1, pieces.allSatisfy({ FileBytes.withPath($0) { access($0, F_OK) } == 0 }) else {
            return nil
        }
        return pieces.map { "\(typed.option) \(DisplayName.of($0))" }.joined(separator: " ")
    }

    private static func absolute(_ path: [UInt8]) -> [UInt8] {
        guard path.first != UInt8(ascii: "/"), let folder = getcwd(nil, 0) else { return path }
        defer { free(folder) }
        return FileBytes.bytes(of: folder) + [UInt8(ascii: "/")] + path
    }
}

/// Why a file can't be shipped: always the user's to mend.
package enum ShippedFileError: Error, Hashable, CustomStringConvertible {
    case noName(typed: String)
    case unreadable(typed: String, reason: String)
    /// - Parameter options: How they are named one by one.
    case manyAtOnce(typed: String, options: String)
    case notAFile(typed: String)
    case noArchive(typed: String, reason: String)
    case twice(name: String)
    case tooMany(count: Int)
    case tooLarge(byteCount: Int64)

    package var description: String {
        switch self {
        case .noName(let typed): "\(typed) does not end with the name of a file"
        case .unreadable(let typed, let reason): "\(typed) cannot be read: \(reason)"
        case .manyAtOnce(let typed, let options): "\(typed) names several files; name one each time: \(options)"
        case .notAFile(let typed): "\(typed) is no file; name its files one by one, or make an archive of it"
        case .noArchive(let typed, let reason): "\(typed) \(reason)"
        case .twice(let name):
            "--files and --archives give the name '\(name)' twice in the folders of tasks; rename one"
        case .tooMany(let count):
            "\(count) --files and --archives are more than \(ShippedFile.countMax); pack them into fewer"
        case .tooLarge(let byteCount):
            "--files and --archives have \(SizeText.of(byteCount)) or more together; \(SizeText.of(ShippedFile.byteCountMax)) are allowed, so put them where workers see them"
        }
    }
}
