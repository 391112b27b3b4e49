import Glibc
import LocalMachine
import Model
import Shipping
import Synchronization
import TaskRuntime

/// The files that jobs ship to their tasks: each is brought in once, checked, and kept in the scratch folder.
final class ShippedFiles: Sendable {
    private let present: Mutex<[JobID: Set<[UInt8]>]> = Mutex([:])

    /// Makes a working folder with links to all files of the job.
    ///
    /// The first attempt of a job fetches; others wait for it.
    func makeWorkFolder(
        for attempt: AttemptID, _ files: [Int: ShippedFile], scratch: ScratchFolder, opener: InputOpener
    ) throws -> WorkFolder {
        let job = attempt.task.job
        let store = "\(scratch.path)/shipped-\(job.number)"
        try present.withLock { present in
            if mkdir(store, 0o700) != 0, errno != EEXIST { throw Self.trouble(store) }
            for (index, file) in files.sorted(by: { $0.key < $1.key })
            where present[job]?.contains(file.file.name) != true {
                try Self.fetch(file, index: index, of: job, into: store, scratch: scratch, opener: opener)
                present[job, default: []].insert(file.file.name)
            }
        }
        let path = "\(scratch.path)/\(attempt.name)-work"
        // Nobody else's: an attempt's number is never used twice.
        FolderTree.remove(path)
        return try WorkFolder(making: path, Array(files.values)) { Array("\(store)/".utf8) + $0.file.name }
    }

    /// Takes away what a job that is over had shipped.
    func forget(_ job: JobID, scratch: ScratchFolder) {
        guard present.withLock({ $0.removeValue(forKey: job) }) != nil else { return }
        FolderTree.remove("\(scratch.path)/shipped-\(job.number)")
    }

    private static func fetch(
        _ file: ShippedFile, index: Int, of job: JobID, into store: String, scratch: ScratchFolder,
        opener: InputOpener
    ) throws {
        let source = try opener.open(file.file, index: index, job: job)
        defer { source.close() }
        let draft = "\(store).draft"
        unlink(draft)
        let descriptor = open(draft, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw trouble(draft) }
        defer { close(descriptor) }
        do {
            let digest = try ContentDigest.read(source) { piece in
                var rest = piece
                while !rest.isEmpty {
                    let count = write(descriptor, rest.baseAddress, rest.count)
                    if count < 0, errno == EINTR { continue }
                    guard count > 0 else { throw trouble(draft) }
                    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                }
            }
            guard digest == file.digest else { throw ShippedFileChanged(name: DisplayName.of(file.file.name)) }
            let target = Array("\(store)/".utf8) + file.file.name
            if file.isArchive {
                try unpack(file, descriptor, to: target, besides: store, scratch: scratch)
                unlink(draft)
                return
            }
            guard fchmod(descriptor, file.isExecutable ? 0o500 : 0o400) == 0 else { throw trouble(draft) }
            guard FileBytes.withPath(target, { rename(draft, $0) }) == 0 else { throw trouble(store) }
        } catch {
            unlink(draft)
            throw error
        }
    }

    private static func unpack(
        _ file: ShippedFile, _ descriptor: CInt, to target: [UInt8], besides store: String, scratch: ScratchFolder
    ) throws {
        let draft = "\(store).unpacked"
        FolderTree.remove(draft)
        guard mkdir(draft, 0o700) == 0 else { throw trouble(draft) }
        do {
            try Archive.unpack(OpenFileSource(descriptor: descriptor), into: Array(draft.utf8)) {
                try scratch.makeUnnamedFile()
            }
            guard FileBytes.withPath(target, { rename(draft, $0) }) == 0 else { throw trouble(store) }
        } catch {
            FolderTree.remove(draft)
            switch error as? ArchiveError {
            case .unwritable(let number): throw TaskError.temporaryFailed(path: draft, errorNumber: number)
            case let problem?: throw ShippedArchiveTrouble(name: DisplayName.of(file.file.name), problem: problem)
            case nil: throw error
            }
        }
    }

    private static func trouble(_ path: String) -> TaskError { .temporaryFailed(path: path, errorNumber: errno) }
}

/// A shipped file is no longer what it was.
struct ShippedFileChanged: Error, Hashable, CustomStringConvertible {
    let name: String

    var description: String {
        "shipped file '\(name)' is not what it was when the job was submitted; submit the job again once nothing writes to it"
    }
}

/// A shipped archive that the master took for good can't be unpacked here.
struct ShippedArchiveTrouble: Error, Hashable, CustomStringConvertible {
    let name: String
    let problem: ArchiveError

    var description: String { "shipped archive '\(name)' \(problem)" }
}
