public import ApplicationAPI

/// Tells which files each word occurs in: one line `word TAB file,file` for each, the files in byte order.
public struct Index: Application {
    public static let name = "index"
    public static let summary = "lists the files that each word occurs in"

    public let combines = true

    public init(options: ApplicationOptions) {}

    public func mapBlock(_ block: borrowing RecordBlock, to output: MapOutput) {
        let fileName = block.fileName
        block.forEachStretch { output.emitDistinctWords(in: $0, value: fileName) }
    }

    public func combine(_ key: Bytes, _ values: inout Values, to output: CombineOutput) {
        var names = SortedNames()
        while let name = values.next() { names.insert(name) }
        for name in names.all { output.emit(name) }
    }

    public func reduce(_ key: Bytes, _ values: inout Values, to output: ReduceOutput) {
        var names = SortedNames()
        while let name = values.next() { names.insert(name) }
        guard output.form == .text else { return output.write(key, names.list) }
        output.append(key)
        for (index, name) in names.all.enumerated() {
            output.append(index == 0 ? "\t" : ",")
            name.withUnsafeBytes { output.appendEscaped($0, alsoComma: true) }
        }
        output.endRecord()
    }
}

/// Distinct names in byte order.
private struct SortedNames {
    private(set) var all: [[UInt8]] = []
    private var latest = 0

    /// As it stands in a line.
    var list: [UInt8] {
        var list: [UInt8] = []
        for (index, name) in all.enumerated() {
            if index > 0 { list.append(UInt8(ascii: ",")) }
            name.withUnsafeBytes { $0.forEachEscapedPart(alsoComma: true) { list += $0 } }
        }
        return list
    }

    mutating func insert(_ name: Bytes) {
        // Names come in long runs of the same.
        if latest < all.count, all[latest].withUnsafeBytes({ $0.hasSameBytes(as: name) }) { return }
        var low = 0
        var high = all.count
        while low < high {
            let middle = (low + high) / 2
            if all[middle].lexicographicallyPrecedes(name) { low = middle + 1 } else { high = middle }
        }
        latest = low
        if low == all.count || !all[low].elementsEqual(name) { all.insert([UInt8](name), at: low) }
    }
}
