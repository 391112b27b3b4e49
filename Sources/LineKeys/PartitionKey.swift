package import ApplicationAPI
import CDataPath

/// Chooses parts by some fields of lines: lines with the same bytes in all of them go to one part.
///
/// `@unchecked Sendable`: it belongs to an application's value, which serves one task at a time, on one thread.
package final class PartitionKey: @unchecked Sendable {
    private let fields: LineFields
    private let indices: [Int]
    private var joined: [UInt8] = []

    package init(_ numbers: [Int], separator: UInt8) {
        let fields = LineFields(numbers, separator: separator)
        self.fields = fields
        indices = numbers.map(fields.index)
    }

    /// The part of a line. With one field it is that of a key of these bytes.
    package func part(of line: Bytes, partCount: Int) -> Int {
        fields.find(in: line)
        if indices.count == 1 {
            return hashPartition(of: Bytes(rebasing: line[fields[indices[0]]]), partCount: partCount)
        }
        joined.removeAll(keepingCapacity: true)
        for index in indices {
            joined.append(contentsOf: line[fields[index]])
            // Which no field holds, so that different fields never look the same together.
            joined.append(fields.separator)
        }
        return joined.withUnsafeBytes { hashPartition(of: $0, partCount: partCount) }
    }
}
