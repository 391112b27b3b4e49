import ApplicationAPI
import Applications
import LocalMachine
import Master
import Model
import Shipping
import Streaming
import TaskRuntime

/// Turns a request and its input into the plan of a job.
struct JobPlanning {
    let request: JobRequest
    let files: [InputFile]
    var id = JobID(number: 1)

    /// R where nobody said how many.
    static let reduceCountDefault = 4
    /// A part of a job in ranges of keys is sorted in memory by one task.
    static let partByteCountAim: Int64 = 64 << 20

    func plan() throws(PlanError) -> JobPlan {
        let size = request.splitSize ?? JobRequest.defaultSplitSize
        let planner = SplitPlanner(
            splitByteCountMax: size.byteCount, isExact: request.splitSize != nil, packsFiles: request.packsFiles,
            cutsFiles: request.forms.input != .file)
        try checkLengths()
        let application = try application()
        let splits = try splits(planner)
        let isMapOnly = request.reduceCount == 0
        let reduceCount = isMapOnly ? splits.count : try reduceCount(of: application)
        let folder = try sampleFolder()
        defer { folder?.remove() }
        let ranged = try application?.partitioning == .keyRanges ? application : orderedPrograms(in: folder)
        let cutPoints = try cutPoints(for: ranged, partitionCount: reduceCount)
        return JobPlan(
            id: id,
            application: ApplicationChoice(
                name: request.application,
                options: options(mapCount: splits.count, reduceCount: isMapOnly ? 0 : reduceCount)),
            files: files, splits: splits, reduceCount: reduceCount,
            allowsSimpleWorkers: request.forms == DataForms()
                && BuiltInApplications.isPlainWordCount(
                    name: request.application, options: request.applicationOptions),
            cutPoints: cutPoints,
            skippedRecordsMax: request.skippedRecordsMax, forms: request.forms, isMapOnly: isMapOnly,
            shipped: request.shipped)
    }

    /// Of compressed files their tasks find it out.
    private func checkLengths() throws(PlanError) {
        guard case .fixed(let byteCount) = request.forms.input else { return }
        for file in files where file.compression == nil && file.byteCount % Int64(byteCount) != 0 {
            throw .notWholeRecords(
                name: DisplayName.of(file.name), byteCount: file.byteCount, recordByteCount: byteCount)
        }
    }

    private func splits(_ planner: SplitPlanner) throws(PlanError) -> [[SplitPiece]] {
        var splits = planner.splits(of: files)
        if request.forms.input == .csv { splits = try QuotedSplits.aligned(splits, of: files) }
        guard request.reduceCount == 0 else { return splits }
        guard splits.count <= MapOnlyFlags.partCountMax else {
            throw .tooManySplits(count: splits.count, countMax: MapOnlyFlags.partCountMax)
        }
        return splits
    }

    /// Programs are told what nobody knew when the command line was read.
    private func options(mapCount: Int, reduceCount: Int) -> [String: [UInt8]] {
        var options = request.applicationOptions
        guard request.application == Streaming.name else { return options }
        options["job-maps"] = Array("\(mapCount)".utf8)
        options["job-reduces"] = Array("\(reduceCount)".utf8)
        return options
    }

    /// The application if it is built in, and fit for the input.
    private func application() throws(PlanError) -> (any Application)? {
        let registry = ApplicationRegistry(BuiltInApplications.all)
        // Checked with the request: what cannot be made here is somebody's own.
        guard let application = try? registry.make(request.application, options: request.applicationOptions) else {
            return nil
        }
        if let checker = application as? any InputChecker {
            do {
                for file in files { try file.name.withUnsafeBytes { try checker.check(fileName: $0) } }
            } catch {
                throw .unfit(application: request.application, reason: "\(error)")
            }
        }
        return application
    }

    /// Where the mapper finds what tasks will find, when it is given a sample; nil where they find nothing, or it is given none.
    private func sampleFolder() throws(PlanError) -> WorkFolder? {
        guard !request.shipped.isEmpty, request.applicationOptions["total-order"] != nil else { return nil }
        do {
            return try ShippedFileFlags.workFolder(request.shipped)
        } catch {
            throw .unfit(application: request.application, reason: "\(error)")
        }
    }

    /// Programs whose parts are to be ranges of keys; nil where they aren't.
    private func orderedPrograms(in folder: WorkFolder?) throws(PlanError) -> (any Application)? {
        guard request.application == Streaming.name else { return nil }
        var options = request.applicationOptions
        if let folder { options["folder"] = Array(folder.path.utf8) }
        do {
            let programs = try Streaming(options: ApplicationOptions(options))
            return programs.partitioning == .keyRanges ? programs : nil
        } catch {
            throw .unfit(application: request.application, reason: "\(error)")
        }
    }

    private func reduceCount(of application: (any Application)?) throws(PlanError) -> Int {
        let countMax = application?.partCountMax ?? JobRequest.reduceCountMax
        if let count = request.reduceCount {
            guard count <= countMax else {
                throw .tooManyParts(application: request.application, count: count, countMax: countMax)
            }
            return count
        }
        guard application?.partitioning == .keyRanges else { return min(Self.reduceCountDefault, countMax) }
        let total = files.reduce(0) { $0 + $1.byteCount }
        let count = Int((total + Self.partByteCountAim - 1) / Self.partByteCountAim)
        return min(max(count, Self.reduceCountDefault), countMax)
    }

    private func cutPoints(
        for application: (any Application)?, partitionCount: Int
    ) throws(PlanError) -> [[UInt8]]? {
        guard let application else { return nil }
        guard partitionCount > 1 else { return [] }
        let form = request.forms.input ?? application.recordFormat.form
        let sample = try InputSampler.sample(files, as: form)
        do {
            // A program that fails has seen nothing of the rest. Built-in applications try the next record.
            let passesOverFailures = !(application is Streaming) || request.skippedRecordsMax > 0
            return try CutPoints.choose(
                for: application, sample: sample, format: RecordFormat(form), partitionCount: partitionCount,
                passesOverFailures: passesOverFailures)
        } catch {
            throw .notSampled(application: request.application, reason: "\(error)")
        }
    }
}
