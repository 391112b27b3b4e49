import Glibc
import LocalMachine
package import Model

/// Makes one file of the parts, in the order of their keys. A key is what comes before a line's first TAB, or the whole line,
/// or what the job's form has for it.
///
/// Equal keys are in one part, whose order is kept; so the file is what a job with one part would have made, where lines come
/// in the order of their keys. A part whose lines don't is refused by name: there is no order in which it could be merged. Parts that
/// are in order as they stand are put end to end, and their lines may be any.
package struct PartMerge: ~Copyable {
    private var readers: [PartLines]
    /// Indices of readers that have a line, as a heap: the one with the smallest key first, ties by part.
    private var heap: [Int] = []

    /// Of all parts together; each has some of it.
    private static let bufferByteCount = 64 << 20
    private static let bufferByteCountMin = 16 << 10
    private static let outputByteCount = 1 << 20

    private init(_ paths: [[UInt8]], _ forms: DataForms) throws(MergeError) {
        let room = max(Self.bufferByteCount / max(paths.count, 1), Self.bufferByteCountMin)
        readers = []
        for path in paths {
            readers.append(try PartLines(path, forms: forms, bufferByteCount: min(room, Self.outputByteCount)))
        }
    }

    /// - Parameters:
    ///   - parts: Paths, in their order.
    ///   - areInOrder: Whether every line of a part comes before every line of the next.
    ///   - forms: What lines have for keys and values, and how parts are packed.
    ///   - target: Path of the file, which is there whole and synced, or not at all. It is packed if its name says so.
    /// - Returns: Its length in bytes.
    @discardableResult
    package static func run(
        _ parts: [[UInt8]], areInOrder: Bool = false, forms: DataForms = DataForms(), into target: [UInt8]
    ) throws(MergeError) -> Int64 {
        var merge = try PartMerge(parts, forms)
        let isChain = areInOrder || parts.count < 2
        let draft = target + Array(".partial-\(getpid())".utf8)
        let output = try MergedFile(draft, Self.compression(of: target))
        do throws(MergeError) {
            if isChain { try merge.chain(to: output) } else { try merge.write(to: output) }
            try output.finish(as: target)
        } catch {
            FileBytes.withPath(draft) { _ = unlink($0) }
            throw error
        }
        return output.byteCount
    }

    private static func compression(of target: [UInt8]) -> OutputCompression? {
        OutputCompression.allCases.first { target.suffix($0.suffix.utf8.count).elementsEqual($0.suffix.utf8) }
    }

    private func chain(to output: MergedFile) throws(MergeError) {
        for reader in readers {
            while try reader.next() { try append(reader.line, to: output) }
        }
    }

    private func append(_ line: UnsafeRawBufferPointer, to output: MergedFile) throws(MergeError) {
        try output.append(line)
        if line.last != UInt8(ascii: "\n") { try output.endLine() }
    }

    private mutating func write(to output: MergedFile) throws(MergeError) {
        for index in readers.indices where try readers[index].nextInOrder() { heap.append(index) }
        for position in (0..<heap.count / 2).reversed() { siftDown(from: position) }
        while let first = heap.first {
            try append(readers[first].line, to: output)
            if try readers[first].nextInOrder() {
                siftDown(from: 0)
            } else {
                heap[0] = heap[heap.count - 1]
                heap.removeLast()
                if !heap.isEmpty { siftDown(from: 0) }
            }
        }
    }

    private func isBefore(_ one: Int, _ other: Int) -> Bool {
        let order = PartLines.compare(readers[one].key, readers[other].key)
        return order == 0 ? one < other : order < 0
    }

    private mutating func siftDown(from start: Int) {
        var position = start
        while true {
            var smallest = position
            for child in [2 * position + 1, 2 * position + 2] where child < heap.count {
                if isBefore(heap[child], heap[smallest]) { smallest = child }
            }
            if smallest == position { return }
            heap.swapAt(position, smallest)
            position = smallest
        }
    }
}

/// Why there is no merged file. The parts are there all the same.
package enum MergeError: Error, Hashable, CustomStringConvertible {
    case unreadable(path: String, reason: String)
    case unwritable(path: String, reason: String)
    case notInOrder(path: String, line: Int64)
    /// A line is not in the form that the job wrote.
    case notWritten(path: String, line: Int64)

    package var description: String {
        switch self {
        case .unreadable(let path, let reason): "'\(path)' cannot be read: \(reason)"
        case .unwritable(let path, let reason): "'\(path)' cannot be written: \(reason)"
        case .notWritten(let path, let line):
            "line \(line) of '\(path)' is not as the job wrote it; somebody else must have changed it"
        case .notInOrder(let path, let line):
            "line \(line) of '\(path)' has a smaller key than the line before it, so the parts have no order to be merged in"
        }
    }
}
