import CommandSupport
import Glibc
import LocalMachine
import Model
import Shipping
import Streaming
import TaskRuntime

/// `--files` and `--archives`: files for the working folders of programs.
enum ShippedFileFlags {
    static func files(_ options: MasterOptions, _ application: String) throws(ProgramFailure) -> [ShippedFile] {
        let paths = options.shipped.files.map(RawArguments.bytes)
        let archives = options.shipped.archives.map(RawArguments.bytes)
        guard !paths.isEmpty || !archives.isEmpty else { return [] }
        guard application == Streaming.name else {
            throw .wrongUsage(
                "\(paths.isEmpty ? "--archives" : "--files") is about programs of --mapper, --reducer and --combiner, and application '\(application)' runs none; leave it out"
            )
        }
        return try Refusal.asUsage { () throws(ShippedFileError) in
            try ShippedFileScanner.scan(paths, archives: archives, makeTemporaryFile: makeTemporaryFile)
        }
    }

    /// One without a name.
    static func makeTemporaryFile() throws(WorkFolderError) -> CInt {
        let folder = ProgramEnvironment.temporaryFolder
        var template = Array("\(folder)/mr-archive-XXXXXX".utf8CString)
        let file = mkstemp(&template)
        guard file >= 0 else { throw WorkFolderError(path: folder, errorNumber: errno) }
        unlink(template)
        return file
    }

    /// A working folder here, as tasks have theirs.
    static func workFolder(_ shipped: [ShippedFile]) throws -> WorkFolder {
        let path = "\(ProgramEnvironment.temporaryFolder)/mr-sample-\(MasterRecord.randomHex())"
        let store = "\(path).archives"
        do {
            for file in shipped where file.isArchive { try unpack(file, in: store) }
            return try WorkFolder(making: path, shipped, beside: store) { file in
                file.isArchive ? Array("\(store)/".utf8) + file.file.name : file.file.path
            }
        } catch {
            FolderTree.remove(store)
            throw error
        }
    }

    private static func unpack(_ file: ShippedFile, in store: String) throws {
        let folder = Array("\(store)/".utf8) + file.file.name
        // It may be there already.
        mkdir(store, 0o700)
        guard FileBytes.withPath(folder, { mkdir($0, 0o700) }) == 0 else {
            throw WorkFolderError(path: store, errorNumber: errno)
        }
        let source = try FileInputSource(file.file)
        defer { source.close() }
        try Archive.unpack(source, into: folder, makeTemporaryFile: makeTemporaryFile)
    }
}
