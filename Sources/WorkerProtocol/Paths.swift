package import Model

/// The HTTP paths beside `/RPC2` that carry what is too bulky for XML.
package enum DataPath {
    package static let input = "/input"
    package static let output = "/output"
    package static let intermediate = "/intermediate"
    package static let sample = "/sample"
    package static let logs = "/logs"
    /// What a map attempt reads, as a program would be given it.
    package static let records = "/records"
    /// Lines `key TAB value`: what a map attempt makes, and what a reduce attempt reads.
    package static let pairs = "/pairs"

    package static func input(job: JobID, fileIndex: Int) -> String { "\(input)/\(job.number)/\(fileIndex)" }
    package static func sample(job: JobID, _ form: InputForm) -> String { "\(sample)/\(job.number)/\(form.text)" }
    package static func log(_ attempt: AttemptID) -> String { "\(logs)/\(attempt.name)" }
    package static func logs(_ task: TaskID) -> String { "\(logs)/\(task.name)" }
    package static func output(_ attempt: AttemptID) -> String { "\(output)/\(attempt.name)" }
    /// Where the whole output of a map attempt is handed over.
    package static func intermediate(_ attempt: AttemptID) -> String { "\(intermediate)/\(attempt.name)" }
    package static func intermediate(_ attempt: AttemptID, partition: Int) -> String {
        "\(intermediate)/\(attempt.name)/\(partition)"
    }

    /// The entity tag (RFC 9110, section 8.8.3) of all partitions of a map output with this checksum, without quotes.
    package static func entityTag(_ checksum: UInt32) -> String { String(checksum, radix: 16) }

    /// Reads an index, from 0, back from a path; nil for anything that these paths would not hold, such as "+0" or "00".
    package static func index(_ component: String) -> Int? {
        guard let index = Int(component), index >= 0, String(index) == component else { return nil }
        return index
    }
}
