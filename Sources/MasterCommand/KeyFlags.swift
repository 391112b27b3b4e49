import Applications
import CommandSupport
import Streaming

/// What the command line says of fields in lines: it travels to the workers with the job.
enum KeyFlags {
    static func add(
        _ options: MasterOptions, to values: inout [String: [UInt8]], application: String
    ) throws(ProgramFailure) {
        let given = [
            ("partition-key", options.keys.partitionKey), ("sort-key", options.keys.sortKey),
            ("field-separator", options.keys.fieldSeparator),
        ]
        for case (let name, let text?) in given {
            guard application == Streaming.name || application == Sort.name && name != "partition-key" else {
                let also = name == "partition-key" ? "" : ", and for --app \(Sort.name)"
                throw .wrongUsage(
                    "--\(name) is for programs of --mapper and --reducer\(also); application '\(application)' has keys of its own; leave it out"
                )
            }
            values[name] = RawArguments.bytes(of: text)
        }
        if options.keys.totalOrder {
            guard application == Streaming.name else {
                throw .wrongUsage(
                    "--total-order is for programs of --mapper and --reducer; application '\(application)' orders its parts by itself; leave it out"
                )
            }
            values["total-order"] = []
        }
        try checkMerge(options, application)
    }

    /// Parts in an order of the user's can't be merged by what is before the first TAB.
    private static func checkMerge(_ options: MasterOptions, _ application: String) throws(ProgramFailure) {
        let isOrdered = options.keys.partitionKey != nil || options.keys.sortKey != nil
        guard options.merge != nil, isOrdered, !options.keys.totalOrder, application == Streaming.name,
            options.reduces != "1"
        else { return }
        throw .wrongUsage(
            "--merge puts lines in the order of what is before their first TAB, and --partition-key and --sort-key ask for another one; leave it out, make one part with --reduces 1, or add --total-order"
        )
    }
}
