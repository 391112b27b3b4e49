import Coordinator
import Glibc
import LocalMachine
import Logging
import Master
import Model

/// A master over two small files that are the same on every machine, so that its answers are too.
struct ExampleMaster {
    let service: MasterService
    private let folder: String
    private let output: OutputFolder

    /// The same path everywhere, because it stands in the answers.
    private static let folderPath = "/tmp/mr-protocol-example"
    private static let modified = timespec(tv_sec: 1_000_000_000, tv_nsec: 0)

    init() async throws {
        folder = Self.folderPath
        Self.clear(folder)
        guard mkdir(folder, 0o700) == 0 else {
            throw OutputError.cannotWrite(path: folder, errorNumber: errno)
        }
        let files = [
            try Self.makeFile(folder + "/one.txt", "to be or not to be\n"),
            try Self.makeFile(folder + "/two.txt", "that is it\n"),
        ]
        let plan = JobPlan(
            id: JobID(number: 1), application: ApplicationChoice(name: "wordcount"), files: files,
            splits: files.enumerated().map { [SplitPiece(fileIndex: $0, offset: 0, byteCount: $1.byteCount)] },
            reduceCount: 2, allowsSimpleWorkers: true)
        output = try OutputFolder(path: Array((folder + "/out").utf8), marker: "0123456789abcdef", overwrite: false)
        var policy = Policy()
        policy.simpleWaitMax = .zero
        var configuration = MasterConfiguration(
            host: "127.0.0.1", port: 0, requiresToken: true, policy: policy, localWorkers: nil, temporaryFolder: folder,
            environment: ["MR_STATE_DIR": folder + "/state"])
        configuration.launches = true
        service = try await MasterService.start(
            MasterOpening(SubmittedJob(ServedJob(plan: plan, output: output))), configuration: configuration,
            logger: Logger(label: "example") { _ in SwiftLogNoOpLogHandler() }, onNotice: { _ in })
    }

    func close() async {
        service.interrupt(reason: "the document is written")
        _ = await service.run()
        Self.clear(folder)
    }

    private static func makeFile(_ path: String, _ text: String) throws -> InputFile {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        let bytes = Array(text.utf8)
        let times = [modified, modified]
        guard file >= 0, write(file, bytes, bytes.count) == bytes.count, futimens(file, times) == 0 else {
            throw OutputError.cannotWrite(path: path, errorNumber: errno)
        }
        Glibc.close(file)
        return InputFile(
            path: Array(path.utf8), name: Array(path.utf8.suffix(7)), byteCount: Int64(bytes.count),
            modifiedNanoseconds: 1_000_000_000_000_000_000)
    }

    /// With all that one which crashed has left in it: the next would not find the place free.
    private static func clear(_ path: String) {
        // A link is removed, and not what it leads to; a folder can't be.
        guard unlink(path) != 0, let stream = opendir(path) else { return }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                    String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
                })
        }
        closedir(stream)
        for name in names where name != "." && name != ".." { clear("\(path)/\(name)") }
        rmdir(path)
    }
}
