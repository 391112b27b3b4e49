import CommandSupport
import Streaming

/// `--reduces 0`: a job without a reduce step.
enum MapOnlyFlags {
    /// How many parts there may be, one for each map task.
    static let partCountMax = 100_000

    static func check(_ options: MasterOptions, _ application: String) throws(ProgramFailure) {
        guard application == Streaming.name else {
            throw .wrongUsage(
                "--reduces 0 is for programs of --mapper; application '\(application)' has a reduce step, so give 1 or more"
            )
        }
        let others = [
            ("--reducer", options.reducer), ("--combiner", options.combiner),
            ("--partition-key", options.keys.partitionKey), ("--sort-key", options.keys.sortKey),
            ("--total-order", options.keys.totalOrder ? "" : nil),
        ]
        guard let name = others.first(where: { $0.1 != nil })?.0 else { return }
        throw .wrongUsage(
            "--reduces 0 leaves out sorting and reducers, and \(name) is about them; leave one of the two out")
    }
}
