import CommandSupport
import Glibc
import LocalMachine
import Master
import Model

/// `--merge`: one file of all parts.
enum MergeFlag {
    /// - Returns: nil where nothing is merged.
    static func path(_ options: MasterOptions) throws(ProgramFailure) -> [UInt8]? {
        guard let text = options.merge else { return nil }
        let path = RawArguments.bytes(of: text)
        let shown = DisplayName.of(path)
        guard !path.isEmpty, path.last != UInt8(ascii: "/") else {
            throw .wrongUsage("--merge '\(shown)' is not the name of a file")
        }
        var status = stat()
        if FileBytes.withPath(path, { stat($0, &status) }) == 0 {
            guard status.st_mode & S_IFMT == S_IFREG else {
                throw .wrongUsage("--merge '\(shown)' is there, and no file")
            }
            guard options.overwrite || options.restart else {
                throw .wrongUsage(
                    "--merge '\(shown)' is there already; name another file, or replace it with --overwrite")
            }
        }
        let folder = Array(path[..<(path.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0)])
        guard folder.isEmpty || FileBytes.withPath(folder, { access($0, W_OK | X_OK) }) == 0 else {
            throw .wrongUsage(
                "--merge '\(shown)' cannot be made there: \(String(cString: strerror(errno))); name a file in a folder that can be written"
            )
        }
        return path
    }

    /// The merged file must be none of the input, which it would replace.
    static func checkInputsSurvive(_ files: [InputFile], _ merged: [UInt8]?) throws(ProgramFailure) {
        guard let merged, let own = identity(of: merged) else { return }
        guard let file = files.first(where: { identity(of: $0.path).map { $0 == own } ?? false }) else { return }
        throw .wrongUsage(
            "--merge '\(DisplayName.of(merged))' would replace input '\(DisplayName.of(file.name))'; name another file")
    }

    private static func identity(of path: [UInt8]) -> [UInt64]? {
        var status = stat()
        guard FileBytes.withPath(path, { stat($0, &status) }) == 0 else { return nil }
        return [UInt64(status.st_dev), UInt64(status.st_ino)]
    }

    /// Absolute, and the same for all names of a file that may not be there yet. Links are followed as far as the file's folder.
    static func place(of path: [UInt8]) -> [UInt8] {
        let slash = path.lastIndex(of: UInt8(ascii: "/"))
        let folder = slash.map { Array(path[...$0]) } ?? [UInt8(ascii: ".")]
        guard let resolved = FileBytes.withPath(folder, { realpath($0, nil) }) else { return path }
        defer { free(resolved) }
        return FileBytes.bytes(of: resolved) + [UInt8(ascii: "/")] + path[(slash.map { $0 + 1 } ?? 0)...]
    }

    /// Merges what the same command line has made before, where that is all that it left undone.
    /// - Returns: False where there is a job to run.
    static func completes(_ request: JobRequest, _ files: [InputFile]) throws(ProgramFailure) -> Bool {
        guard let merged = request.merged, !request.overwrite, !request.restarts,
            PendingMerge.mayBe(in: request.output)
        else { return false }
        let claim = try Refusal.asUsage { () throws(OutputError) in try OutputClaim(request.output) }
        let plan = try Refusal.asUsage { () throws(PlanError) in
            try JobPlanning(request: request, files: files).plan()
        }
        guard PendingMerge(of: plan, programVersion: ProgramVersion.current).isPending(in: claim) else { return false }
        try merge(plan, of: request.output, into: merged)
        return true
    }

    /// - Parameter canComeLater: Whether the same command line may merge them later, because it is one job's.
    /// - Throws: That there is no merged file. The job is done all the same.
    static func merge(
        _ plan: JobPlan, of output: [UInt8], into path: [UInt8], canComeLater: Bool = true
    ) throws(ProgramFailure) {
        let parts = OutputFolder.partPaths(of: plan, in: output)
        if canComeLater { PendingMerge(of: plan, programVersion: ProgramVersion.current).note(in: output) }
        do {
            // Where keys are in ranges, so are the parts; without a reduce step they are in the order of the input.
            try PartMerge.run(
                parts, areInOrder: plan.cutPoints != nil || plan.isMapOnly, forms: plan.forms, into: path)
        } catch {
            let remedy = canComeLater ? "; when that is mended, the same command line merges them" : ""
            throw .jobFailed("the job is done, but its parts were not merged: \(error)\(remedy)")
        }
        PendingMerge.forget(in: output)
    }
}
