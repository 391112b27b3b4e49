import Glibc
import LocalMachine
import Model

/// The folder that an archive becomes. Nothing of it lies outside, and no link leads there.
///
/// Links are made last, so that nothing is written through one, and the way that a link leads passes through no other.
struct ArchiveTree {
    private enum Kind {
        case folder
        case file
        case link(target: [UInt8])
    }

    /// nil where an archive is only looked through.
    private let root: [UInt8]?
    /// By their paths below the root, without `.` and doubled slashes.
    private var kinds: [[UInt8]: Kind] = [:]
    private var byteCount: Int64 = 0

    static let entryCountMax = 100_000
    /// What all files of an archive may have together, in bytes.
    static let byteCountMax: Int64 = 16 << 30

    /// - Parameter root: A folder that is there and empty.
    init(in root: [UInt8]?) { self.root = root }

    mutating func addFolder(_ name: [UInt8]) throws(ArchiveError) {
        try makeFolders(try components(of: name)[...], of: name)
    }

    /// - Parameter give: Gives the contents, piece by piece.
    mutating func addFile(
        _ name: [UInt8], isExecutable: Bool, give: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws {
        let path = try newPath(name)
        kinds[path] = .file
        var count = byteCount
        let file = try root.map { root throws(ArchiveError) in try Self.create(root + [0x2F] + path) }
        defer {
            byteCount = count
            if let file { close(file) }
        }
        try give { piece in
            count += Int64(piece.count)
            guard count <= Self.byteCountMax else { throw ArchiveError.tooLarge }
            guard let file else { return }
            var rest = piece
            while !rest.isEmpty {
                let written = write(file, rest.baseAddress, rest.count)
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { throw ArchiveError.unwritable(errorNumber: errno) }
                rest = UnsafeRawBufferPointer(rebasing: rest[written...])
            }
        }
        if let file, fchmod(file, isExecutable ? 0o500 : 0o400) != 0 {
            throw ArchiveError.unwritable(errorNumber: errno)
        }
    }

    mutating func addLink(_ name: [UInt8], to target: [UInt8]) throws(ArchiveError) {
        kinds[try newPath(name)] = .link(target: target)
    }

    /// - Parameter target: A file that came before.
    mutating func addHardLink(_ name: [UInt8], to target: [UInt8]) throws(ArchiveError) {
        let targetPath = Self.joined(try components(of: target)[...])
        guard case .file = kinds[targetPath] else { throw .linkOut(name: DisplayName.of(name)) }
        let path = try newPath(name)
        kinds[path] = .file
        guard let root else { return }
        let status = FileBytes.withPath(root + [0x2F] + targetPath) { target in
            FileBytes.withPath(root + [0x2F] + path) { link(target, $0) }
        }
        guard status == 0 else { throw .unwritable(errorNumber: errno) }
    }

    /// Makes the links.
    func finish() throws(ArchiveError) {
        for (path, kind) in kinds {
            guard case .link(let target) = kind else { continue }
            try check(target, ofLinkAt: path)
            guard let root else { continue }
            let status = FileBytes.withPath(target) { target in
                FileBytes.withPath(root + [0x2F] + path) { symlink(target, $0) }
            }
            guard status == 0 else { throw .unwritable(errorNumber: errno) }
        }
    }

    private func check(_ target: [UInt8], ofLinkAt path: [UInt8]) throws(ArchiveError) {
        let refusal = ArchiveError.linkOut(name: DisplayName.of(path))
        guard let first = target.first, first != 0x2F, !target.contains(0) else { throw refusal }
        var place = path.split(separator: 0x2F).dropLast().map { Array($0) }
        let steps = target.split(separator: 0x2F).map { Array($0) }.filter { $0 != [0x2E] }
        for (index, step) in steps.enumerated() {
            if step == [0x2E, 0x2E] {
                guard place.popLast() != nil else { throw refusal }
                continue
            }
            place.append(step)
            if index < steps.count - 1, case .link = kinds[Self.joined(place[...])] { throw refusal }
        }
    }

    // MARK: Names

    private static func joined(_ components: ArraySlice<[UInt8]>) -> [UInt8] {
        Array(components.joined(separator: [0x2F]))
    }

    private func components(of name: [UInt8]) throws(ArchiveError) -> [[UInt8]] {
        let components = name.split(separator: 0x2F).map { Array($0) }.filter { $0 != [0x2E] }
        guard name.first != 0x2F, components.allSatisfy(ShippedFile.isName) else {
            throw .nameOut(name: DisplayName.of(Array(name.prefix(ShippedFile.nameByteCountMax))))
        }
        return components
    }

    /// The path of something that is new, with the folders above it made.
    private mutating func newPath(_ name: [UInt8]) throws(ArchiveError) -> [UInt8] {
        let components = try components(of: name)
        let path = Self.joined(components[...])
        guard !components.isEmpty, kinds[path] == nil else { throw .twice(name: DisplayName.of(name)) }
        guard kinds.count < Self.entryCountMax else { throw .tooMany }
        try makeFolders(components.dropLast(), of: name)
        return path
    }

    private mutating func makeFolders(_ components: ArraySlice<[UInt8]>, of name: [UInt8]) throws(ArchiveError) {
        for count in 0..<components.count {
            let path = Self.joined(components.prefix(count + 1))
            switch kinds[path] {
            case .folder: continue
            case .file, .link: throw .twice(name: DisplayName.of(name))
            case nil: break
            }
            guard kinds.count < Self.entryCountMax else { throw .tooMany }
            kinds[path] = .folder
            guard let root else { continue }
            guard FileBytes.withPath(root + [0x2F] + path, { mkdir($0, 0o700) }) == 0 else {
                throw .unwritable(errorNumber: errno)
            }
        }
    }

    private static func create(_ path: [UInt8]) throws(ArchiveError) -> CInt {
        let file = FileBytes.withPath(path) { open($0, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600) }
        guard file >= 0 else { throw .unwritable(errorNumber: errno) }
        return file
    }
}

/// Why an archive can't be unpacked. Completes the sentence "archive X ...".
package enum ArchiveError: Error, Hashable, CustomStringConvertible {
    case unknownForm
    case damaged
    case unsupported(what: String)
    case nameOut(name: String)
    case linkOut(name: String)
    case twice(name: String)
    case tooMany
    case tooLarge
    case unwritable(errorNumber: CInt)

    package var description: String {
        switch self {
        case .unknownForm: "is neither a tar archive, compressed or not, nor a zip archive"
        case .damaged: "is damaged or was cut off"
        case .unsupported(let what): "holds \(what), which is not unpacked here"
        case .nameOut(let name): "holds '\(name)', a name that leads out of its folder"
        case .linkOut(let name): "holds the link '\(name)', which leads out of its folder, or through another link"
        case .twice(let name): "holds '\(name)' twice, or below something that is no folder"
        case .tooMany: "holds more than \(ArchiveTree.entryCountMax) files and folders"
        case .tooLarge: "holds more than \(SizeText.of(ArchiveTree.byteCountMax))"
        case .unwritable(let number): "cannot be unpacked: \(String(cString: strerror(number)))"
        }
    }
}
