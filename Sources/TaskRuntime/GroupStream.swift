import ApplicationAPI

/// Groups of equal keys, in key order.
protocol GroupStream: ValueSource {
    /// The key of the group that the stream stands at; valid until `nextGroup`.
    var key: Bytes { get }

    /// Passes over what is left of the current group and moves to the next.
    /// - Returns: False after the last group.
    func nextGroup() throws -> Bool

    /// Adds up the current group's values.
    func groupSum() throws -> Int64

    /// Writes the keys of all groups as lines, for each pair or once.
    /// - Returns: How many groups there were.
    func writeLines(to output: ReduceOutput, oncePerKey: Bool) throws -> Int64
}

extension MergeStream: GroupStream {
    func writeLines(to output: ReduceOutput, oncePerKey: Bool) throws -> Int64 {
        var keyCount: Int64 = 0
        while !output.hasFailed, try nextGroup() {
            keyCount += 1
            if oncePerKey {
                output.writeLine(key)
            } else {
                while nextValue() != nil { output.writeLine(key) }
            }
        }
        return keyCount
    }
}
