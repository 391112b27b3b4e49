import Glibc
import LocalMachine
package import Model

/// Turns what the user named into a list of files, or says what is wrong with the first name that can't be used.
///
/// Files keep the order in which they were named; those of a folder or a pattern come sorted by the bytes of their names.
package struct InputScanner {
    package static let fileCountMax = 1_000_000

    private let currentFolder: [UInt8]
    private var subfolderCount = 0
    /// From the one that was named to the one that is being read.
    private var openFolders: [FolderID] = []
    private(set) package var files: [InputFile] = []
    /// What was passed over and might be missed, in sentences.
    private(set) package var notes: [String] = []
    /// Of the files that were named, the first that has nothing in it, and how many those are.
    private var empty: (first: [UInt8], count: Int)?
    private let manner: Manner

    /// What is to be made of names and files.
    package struct Manner: Sendable {
        /// Whether folders are read with all folders in them.
        package var isRecursive = false
        /// Whether what begins as a compressed file does is unpacked.
        package var unpacks = true
        /// Whether nothing but empty files is as good as anything: what a job before has made.
        package var mayBeEmpty = false
        /// Path of the file that has what was on standard input, whose name is `-`; nil where it was not read.
        package var standardInput: [UInt8]?

        package init(
            isRecursive: Bool = false, unpacks: Bool = true, mayBeEmpty: Bool = false, standardInput: [UInt8]? = nil
        ) {
            self.isRecursive = isRecursive
            self.unpacks = unpacks
            self.mayBeEmpty = mayBeEmpty
            self.standardInput = standardInput
        }
    }

    private init(currentFolder: [UInt8], manner: Manner) {
        self.currentFolder = currentFolder
        self.manner = manner
    }

    package static func scan(_ names: [[UInt8]], _ manner: Manner = Manner()) throws(PlanError) -> InputScanner {
        guard !names.isEmpty else { throw .noInputs }
        var scanner = InputScanner(currentFolder: Self.workingFolder(), manner: manner)
        for name in names { try scanner.add(name) }
        try scanner.noteEmpty()
        scanner.noteCompressed()
        return scanner
    }

    private static func workingFolder() -> [UInt8] {
        guard let path = getcwd(nil, 0) else { return [] }
        defer { free(path) }
        return FileBytes.bytes(of: path)
    }

    private mutating func add(_ name: [UInt8]) throws(PlanError) {
        // Worked out for errors only: there may be a million names.
        var shown: String { DisplayName.of(name) }
        if name == [UInt8(ascii: "-")] { return try addStandardInput(name) }
        var status = stat()
        guard FileBytes.withPath(name, { stat($0, &status) }) == 0 else {
            let reason = errno
            if reason == ENOENT, Self.isPattern(name) { return try addMatches(of: name) }
            if reason == ENOENT || reason == ENOTDIR { throw .missing(name: shown) }
            throw .unreadable(name: shown, reason: String(cString: strerror(reason)))
        }
        switch status.st_mode & S_IFMT {
        case S_IFDIR:
            openFolders = [FolderID(device: UInt64(status.st_dev), number: UInt64(status.st_ino))]
            try addFolder(name)
        case S_IFREG:
            if try !addFile(name, status) { empty = (empty?.first ?? name, (empty?.count ?? 0) + 1) }
        default: throw .notAFile(name: shown, kind: Self.kind(of: status.st_mode))
        }
    }

    private mutating func addStandardInput(_ name: [UInt8]) throws(PlanError) {
        guard let path = manner.standardInput else { throw .standardInput }
        var status = stat()
        guard FileBytes.withPath(path, { stat($0, &status) }) == 0 else {
            throw .unreadable(name: DisplayName.of(name), reason: String(cString: strerror(errno)))
        }
        if try !addFile(name, status, at: path) { empty = (empty?.first ?? name, (empty?.count ?? 0) + 1) }
    }

    /// False when the file is empty. Opening it is the only sure way to know that it can be read; whoever reads it later
    /// looks again what it is by then.
    private mutating func addFile(_ name: [UInt8], _ status: stat, at path: [UInt8]? = nil) throws(PlanError) -> Bool {
        let file = FileBytes.withPath(path ?? name) { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        guard file >= 0 else { throw .unreadable(name: DisplayName.of(name), reason: String(cString: strerror(errno))) }
        defer { close(file) }
        guard status.st_size > 0 else { return false }
        guard files.count < Self.fileCountMax else {
            throw .tooManyFiles(count: files.count + 1, countMax: Self.fileCountMax)
        }
        files.append(
            InputFile(
                path: absolute(path ?? name), name: name, byteCount: Int64(status.st_size),
                modifiedNanoseconds: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec),
                compression: manner.unpacks ? Self.compression(of: file) : nil))
        return true
    }

    /// An empty file adds no record: one among others is left out, and a job over nothing else is most likely a mistake.
    private mutating func noteEmpty() throws(PlanError) {
        guard let empty, !manner.mayBeEmpty else { return }
        let shown = DisplayName.of(empty.first)
        guard !files.isEmpty else { throw .empty(name: shown) }
        let others = empty.count == 1 ? " is" : " and \(empty.count - 1) more are"
        notes.append("input '\(shown)'\(others) empty and left out")
    }

    /// nil also for what can't be read now: whoever reads it later says so.
    private static func compression(of file: CInt) -> InputCompression? {
        var start = [UInt8](repeating: 0, count: InputCompression.startByteCount)
        let count = max(pread(file, &start, start.count, 0), 0)
        return InputCompression(start: start[..<count])
    }

    /// A large one is worth a word: one task reads all of it.
    private mutating func noteCompressed() {
        let large = files.filter { $0.compression != nil && $0.byteCount >= Self.largeByteCount }
        guard let first = large.first, let compression = first.compression else { return }
        let others = large.count == 1 ? "" : " and \(large.count - 1) more"
        notes.append(
            "input '\(DisplayName.of(first.name))'\(others): one task unpacks and reads a whole \(compression.name) file, which can't be cut"
        )
    }

    private static let largeByteCount: Int64 = 64 << 20

    /// The files directly in a folder; names that begin with a dot or an underscore are not data, as in Hadoop.
    private mutating func addFolder(_ name: [UInt8], mayBeEmpty: Bool = false) throws(PlanError) {
        let shown = DisplayName.of(name)
        guard let folder = FileBytes.withPath(name, { opendir($0) }) else {
            throw .unreadable(name: shown, reason: String(cString: strerror(errno)))
        }
        var entries: [[UInt8]] = []
        var hiddenCount = 0
        errno = 0
        while let entry = readdir(folder) {
            let entryName = withUnsafeBytes(of: &entry.pointee.d_name) { raw in Array(raw.prefix { $0 != 0 }) }
            if entryName.first == UInt8(ascii: ".") || entryName.first == UInt8(ascii: "_") {
                if !Self.isNeverData(entryName) { hiddenCount += 1 }
            } else {
                entries.append(entryName)
            }
            // The end of the folder leaves it as it is.
            errno = 0
        }
        let reason = errno
        closedir(folder)
        guard reason == 0 else { throw .unreadable(name: shown, reason: String(cString: strerror(reason))) }
        let (countBefore, subfoldersBefore) = (files.count, subfolderCount)
        let separator: [UInt8] = name.last == UInt8(ascii: "/") ? [] : [UInt8(ascii: "/")]
        for entry in entries.sorted(by: FileBytes.isBefore) { try addIfFile(name + separator + entry) }
        guard mayBeEmpty || files.count > countBefore else { throw .nothingInFolder(name: shown) }
        if hiddenCount > 0 {
            notes.append(
                "input folder '\(shown)': \(hiddenCount) name\(hiddenCount == 1 ? " that begins" : "s that begin") "
                    + "with . or _ \(hiddenCount == 1 ? "is" : "are") not read; name them to have them read")
        }
        if subfolderCount > subfoldersBefore {
            let count = subfolderCount - subfoldersBefore
            notes.append(
                "input folder '\(shown)': its \(count) subfolder\(count == 1 ? " is" : "s are") not read; name them to have them read, or say --recursive"
            )
        }
    }

    /// What every folder has, or what a job leaves in its output folder.
    private static func isNeverData(_ name: [UInt8]) -> Bool {
        [".", "..", PartFiles.successName].contains { name.elementsEqual($0.utf8) }
    }

    /// One that is being read already is another's way to it, by a link: it would never end.
    private mutating func addSubfolder(_ name: [UInt8], _ status: stat) throws(PlanError) {
        let folder = FolderID(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
        guard !openFolders.contains(folder) else { return }
        openFolders.append(folder)
        defer { openFolders.removeLast() }
        try addFolder(name, mayBeEmpty: true)
    }

    private struct FolderID: Hashable {
        let device: UInt64
        let number: UInt64
    }

    private mutating func addMatches(of pattern: [UInt8]) throws(PlanError) {
        var matches = glob_t()
        defer { globfree(&matches) }
        guard FileBytes.withPath(pattern, { glob($0, GLOB_NOSORT, nil, &matches) }) == 0 else {
            throw .nothingMatches(pattern: DisplayName.of(pattern))
        }
        var names: [[UInt8]] = []
        for index in 0..<Int(matches.gl_pathc) {
            if let path = matches.gl_pathv[index] { names.append(FileBytes.bytes(of: path)) }
        }
        let countBefore = files.count
        for name in names.sorted(by: FileBytes.isBefore) { try addIfFile(name) }
        guard files.count > countBefore else { throw .nothingMatches(pattern: DisplayName.of(pattern)) }
    }

    /// What a folder or a pattern brings may hold subfolders, sockets and empty files: only files with bytes count.
    private mutating func addIfFile(_ name: [UInt8]) throws(PlanError) {
        var status = stat()
        guard FileBytes.withPath(name, { stat($0, &status) }) == 0 else {
            throw .unreadable(name: DisplayName.of(name), reason: String(cString: strerror(errno)))
        }
        // An empty file adds no record, and nobody named it: it is no news.
        switch status.st_mode & S_IFMT {
        case S_IFREG: _ = try addFile(name, status)
        case S_IFDIR where manner.isRecursive: try addSubfolder(name, status)
        case S_IFDIR: subfolderCount += 1
        default: break
        }
    }

    private func absolute(_ name: [UInt8]) -> [UInt8] {
        name.first == UInt8(ascii: "/") ? name : currentFolder + [UInt8(ascii: "/")] + name
    }

    private static func isPattern(_ name: [UInt8]) -> Bool {
        name.contains { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "[") }
    }

    private static func kind(of mode: mode_t) -> String {
        switch mode & S_IFMT {
        case S_IFIFO: "pipe"
        case S_IFSOCK: "socket"
        case S_IFCHR, S_IFBLK: "device"
        case S_IFDIR: "folder"
        default: "special file"
        }
    }
}
