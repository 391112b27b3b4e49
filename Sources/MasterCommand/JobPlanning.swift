import ApplicationAPI
import Applications
import LocalMachine
import Master
import Model
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
        let ranged = application?.partitioning == .keyRanges ? application : nil
        let reduceCount = try reduceCount(of: application)
        var splits = planner.splits(of: files)
        if request.forms.input == .csv { splits = try QuotedSplits.aligned(splits, of: files) }
        return JobPlan(
            id: id,
            application: ApplicationChoice(
                name: request.application, options: options(mapCount: splits.count, reduceCount: reduceCount)),
            files: files, splits: splits, reduceCount: reduceCount,
            allowsSimpleWorkers: request.forms == DataForms()
                && BuiltInApplications.isPlainWordCount(
                    name: request.application, options: request.applicationOptions),
            cutPoints: try cutPoints(for: ranged, partitionCount: reduceCount),
            skippedRecordsMax: request.skippedRecordsMax, forms: request.forms)
    }

    /// Of compressed files their tasks find it out.
    private func checkLengths() throws(PlanError) {
        guard case .fixed(let byteCount) = request.forms.input else { return }
        for file in files where file.compression == nil && file.byteCount % Int64(byteCount) != 0 {
            throw .notWholeRecords(
                name: DisplayName.of(file.name), byteCount: file.byteCount, recordByteCount: byteCount)
        }
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
            return try CutPoints.choose(
                for: application, sample: sample, format: RecordFormat(form), partitionCount: partitionCount)
        } catch {
            throw .notSampled(application: request.application, reason: "\(error)")
        }
    }
}
