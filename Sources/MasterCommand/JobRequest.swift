import ApplicationAPI
import Applications
import CommandSupport
import Master
import Model
import Streaming

/// The command line of `mr-master`, checked value by value.
struct JobRequest {
    let application: String
    let applicationOptions: [String: [UInt8]]
    /// Whether every mr-worker brings the application.
    let isBuiltIn: Bool
    /// nil: as many as suit the application and the input; 0: no reduce step.
    let reduceCount: Int?
    let output: [UInt8]
    let overwrite: Bool
    /// Path of the file that all parts are merged into; nil for none.
    let merged: [UInt8]?
    /// Forget the interrupted job in the output folder.
    let restarts: Bool
    let keepsJournal: Bool
    let listen: ListenPlan
    /// Whether others may have scripts run beside the master.
    let launches: Bool
    let localWorkerCount: Int
    let workerProgram: String?
    /// For each worker that the master starts; nil for what a worker takes by itself.
    let taskBufferByteCount: Int?
    let leaseLength: Duration
    let intermediateCompression: IntermediateCompression
    /// nil: as large as suits the input.
    let splitSize: ByteSize?
    let backsUpStragglers: Bool
    /// How many records may be left out of the whole job.
    let skippedRecordsMax: Int
    /// Whether one map task may read several small files.
    let packsFiles: Bool
    /// What tasks find in their working folders.
    let shipped: [ShippedFile]
    let inputs: [[UInt8]]
    let inputManner: InputScanner.Manner
    let forms: DataForms

    static let outputDefault = "mr-out"
    static let reduceCountMax = 10_000
    static let localWorkersMax = 256
    static let defaultSplitSize = ByteSize(byteCount: 64 << 20)

    /// - Parameter folder: Where relative names of what is to be written begin; nil: where this process works.
    init(_ options: MasterOptions, in folder: [UInt8]? = nil) throws(ProgramFailure) {
        let registry = ApplicationRegistry(BuiltInApplications.all + [Streaming.self])
        reduceCount = try options.reduces.map { text throws(ProgramFailure) in
            try Self.whole(text, name: "--reduces", in: 0...Self.reduceCountMax)
        }
        localWorkerCount = try Self.whole(options.workers, name: "--workers", in: 0...Self.localWorkersMax)
        leaseLength = try Self.seconds(options.taskTimeout)
        intermediateCompression = try Self.intermediateCompression(options.compressIntermediate)
        splitSize = try options.splitSize.map { text throws(ProgramFailure) in try Self.size(text) }
        listen = try ListenPlan(options)
        launches = options.allowLaunch
        guard !launches || listen.requiresToken else {
            throw .wrongUsage(
                "--allow-launch with --no-auth would let everybody run programs as you; leave one of them out")
        }
        workerProgram = options.workerProgram
        taskBufferByteCount = try options.taskBuffer.map { text throws(ProgramFailure) in
            try TaskBuffer.byteCount(text)
        }
        (application, applicationOptions) = try ApplicationFlags.choice(of: options, registry: registry)
        if reduceCount == 0 { try MapOnlyFlags.check(options, application) }
        skippedRecordsMax = try Self.whole(
            options.skipBadRecords, name: "--skip-bad-records", in: 0...SkippedRecord.countMax)
        try StreamingFlags.checkSkips(skippedRecordsMax, application)
        forms = try FormFlags.forms(of: options, application, applicationOptions)
        packsFiles = application != Streaming.name || applicationOptions["mapper"] == nil || options.packFiles
        shipped = try ShippedFileFlags.files(options, application)
        isBuiltIn = registry.type(named: application) != nil
        output = Self.absolute(RawArguments.bytes(of: options.output), in: folder)
        guard !options.output.isEmpty else { throw .wrongUsage("--output is empty; name a folder") }
        overwrite = options.overwrite
        merged = try MergeFlag.path(options).map { Self.absolute($0, in: folder) }
        restarts = options.restart
        let readsStandardInput = try Self.readsStandardInput(options)
        // What came through a pipe is gone with this process.
        keepsJournal = !options.noJournal && !readsStandardInput
        backsUpStragglers = !options.noBackupTasks
        inputs =
            try options.inputs.map(RawArguments.bytes)
            + InputLists.names(in: options.inputLists.map(RawArguments.bytes))
        guard readsStandardInput || !inputs.contains(SpooledInput.name) else {
            throw .wrongUsage(
                "a list of --inputs-from names '-', and standard input is taken from the command line only; a file of that name is './-'"
            )
        }
        guard !inputs.contains([]) else { throw .wrongUsage("an input name is empty; name files or folders") }
        // Last, when all else is known to be right.
        inputManner = InputScanner.Manner(
            isRecursive: options.recursive, unpacks: !options.noDecompress,
            standardInput: readsStandardInput ? try SpooledInput.path() : nil)
    }

    private static func readsStandardInput(_ options: MasterOptions) throws(ProgramFailure) -> Bool {
        let names = options.inputs.filter { RawArguments.bytes(of: $0) == SpooledInput.name }
        guard !names.isEmpty else { return false }
        guard names.count == 1 else {
            throw .wrongUsage("input '-' (standard input) is named \(names.count) times; name it once")
        }
        guard !options.inputLists.contains(where: { RawArguments.bytes(of: $0) == SpooledInput.name }) else {
            throw .wrongUsage(
                "standard input holds names for --inputs-from -, and can't be input '-' too; leave one of them out")
        }
        return true
    }

    private static func absolute(_ name: [UInt8], in folder: [UInt8]?) -> [UInt8] {
        guard let folder, name.first != UInt8(ascii: "/") else { return name }
        return folder + [UInt8(ascii: "/")] + name
    }

    private static func whole(
        _ text: String, name: String, in range: ClosedRange<Int>
    ) throws(ProgramFailure) -> Int {
        guard let value = Int(text), range.contains(value) else {
            throw .wrongUsage("\(name) '\(text)' is not a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    private static func seconds(_ text: String) throws(ProgramFailure) -> Duration {
        guard let value = Double(text), (0.1...86_400).contains(value) else {
            throw .wrongUsage("--task-timeout '\(text)' is not a number of seconds from 0.1 to 86400")
        }
        return .seconds(value)
    }

    private static func intermediateCompression(_ text: String) throws(ProgramFailure) -> IntermediateCompression {
        guard let compression = IntermediateCompression(rawValue: text) else {
            throw .wrongUsage(
                "--compress-intermediate '\(text)' is none of \(IntermediateCompression.choices)")
        }
        return compression
    }

    private static func size(_ text: String) throws(ProgramFailure) -> ByteSize {
        guard let size = ByteSize(text), (1...(1 << 40)).contains(size.byteCount) else {
            throw .wrongUsage(
                "--split-size '\(text)' is not a size from 1 byte to 1TiB; write it like 64MiB, 512K or 1000000")
        }
        return size
    }
}
