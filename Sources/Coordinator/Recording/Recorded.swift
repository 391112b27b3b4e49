/// Something that can be written down as bytes and read back as an equal value.
///
/// Equal values give equal bytes: sets and dictionaries are written in ascending order. There are no field names and no
/// tags but those of enumerations; the journal's format version says which program can read it.
protocol Recorded {
    func record(in writer: inout RecordWriter)
    init(from reader: inout RecordReader) throws(RecordError)
}

/// Why bytes can't be read back: they are not what this program writes.
package struct RecordError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What does not belong there.
    package let detail: String
    /// Position of the first byte that could not be understood.
    package let offset: Int

    package var description: String { "byte \(offset): \(detail)" }
}
