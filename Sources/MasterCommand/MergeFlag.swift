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

    /// - Throws: That there is no merged file. The job is done all the same.
    static func merge(_ plan: JobPlan, of output: [UInt8], into path: [UInt8]) throws(ProgramFailure) {
        let parts = OutputFolder.partPaths(of: plan, in: output)
        do {
            // Where keys are in ranges, so are the parts; without a reduce step they are in the order of the input.
            try PartMerge.run(
                parts, areInOrder: plan.cutPoints != nil || plan.isMapOnly, forms: plan.forms, into: path)
        } catch {
            throw .jobFailed("the job is done, but its parts were not merged: \(error)")
        }
    }
}
