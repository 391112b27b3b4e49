import LocalMachine
package import Model
import TaskRuntime

/// Moves the bounds of splits to where records of comma-separated values begin.
///
/// Whether a line end is one of a record or lies within quotes is known only to who has counted the quotes from the file's
/// beginning. So the master reads each file once that is to be cut.
package enum QuotedSplits {
    /// - Returns: The same splits; where a record reaches over a whole one there are fewer.
    package static func aligned(
        _ splits: [[SplitPiece]], of files: [InputFile]
    ) throws(PlanError) -> [[SplitPiece]] {
        var aligned: [[SplitPiece]] = []
        var rest = splits[...]
        while let split = rest.first {
            let file = split[0].fileIndex
            let own = rest.prefix { $0.count == 1 && $0[0].fileIndex == file }
            if own.count > 1 {
                aligned += try cut(files[file], index: file, near: own.dropFirst().map { $0[0].offset })
            } else {
                aligned.append(split)
            }
            rest = rest.dropFirst(max(1, own.count))
        }
        return aligned
    }

    private static func cut(
        _ file: InputFile, index: Int, near offsets: [Int64]
    ) throws(PlanError) -> [[SplitPiece]] {
        let starts: [Int64]
        do {
            starts = try QuotedRecords.starts(in: file, near: offsets)
        } catch {
            throw .unfitRecords(reason: "\(error)")
        }
        var splits: [[SplitPiece]] = []
        var from: Int64 = 0
        for to in starts + [file.byteCount] where to > from {
            splits.append([SplitPiece(fileIndex: index, offset: from, byteCount: to - from)])
            from = to
        }
        return splits
    }
}
