/// Something that an attempt left out because a program fails on it.
package struct SkippedRecord: Hashable, Sendable {
    package enum Place: Hashable, Sendable {
        /// A record of a map task: where it begins in which of the job's files, and its length with its LF.
        case record(fileIndex: Int, offset: Int64, byteCount: Int64)
        /// A key with its values, of a reduce task.
        /// - Parameter key: The first bytes of it, ``keyByteCountMax`` at most.
        case group(key: [UInt8], keyByteCount: Int64, valueCount: Int64)
    }

    package let place: Place
    /// How the program ended on it, as in `ended with exit code 3`.
    package let ending: String

    package static let keyByteCountMax = 4_096
    package static let endingByteCountMax = 256
    /// How many a job may leave out, at most: their list travels, and is kept, with the tasks' results.
    package static let countMax = 1_000

    package init(place: Place, ending: String) {
        self.place = place
        self.ending = ending
    }
}
