package import Model

/// Cuts big files into byte ranges and packs small ones together, so that tasks are of like size.
package struct SplitPlanner: Sendable {
    /// The most bytes of one split.
    package let splitByteCountMax: Int64
    /// Whether the user set it: then it is kept to exactly.
    package let isExact: Bool
    /// Whether small files may share a split; false where the application wants to know which file it reads.
    package let packsFiles: Bool
    /// Whether large files are cut; false where a record is a file.
    package let cutsFiles: Bool

    /// As many splits as keep a handful of workers busy to the end, when nobody said how large they should be.
    static let splitCountAim: Int64 = 16
    /// Splits much smaller than this cost more to hand out than to work on.
    static let splitByteCountMin: Int64 = 1 << 20
    /// The most files packed into one split: an assignment must fit a message.
    static let pieceCountMax = 4_096
    /// The last part of the input, as a fraction, that is cut finer: the last tasks are then small, and nobody waits for one.
    static let tailFraction: Int64 = 4

    package init(splitByteCountMax: Int64, isExact: Bool, packsFiles: Bool = true, cutsFiles: Bool = true) {
        precondition(splitByteCountMax >= 1)
        self.splitByteCountMax = splitByteCountMax
        self.isExact = isExact
        self.packsFiles = packsFiles
        self.cutsFiles = cutsFiles
    }

    package func splits(of files: [InputFile]) -> [[SplitPiece]] {
        let total = files.reduce(0) { $0 + $1.likelyByteCount }
        let size = splitByteCount(total: total)
        var splits: [[SplitPiece]] = []
        var packed: [SplitPiece] = []
        var packedByteCount: Int64 = 0
        var plannedByteCount: Int64 = 0
        for (index, file) in files.enumerated() {
            defer { plannedByteCount += file.likelyByteCount }
            guard file.likelyByteCount < size else {
                let isTail = plannedByteCount >= total - total / Self.tailFraction
                // Values of a key come in the order of the map tasks, so that must be the order of the input.
                if !packed.isEmpty { splits.append(packed) }
                (packed, packedByteCount) = ([], 0)
                splits +=
                    file.compression == nil && cutsFiles
                    ? cut(file, index: index, size: isTail ? tailByteCount(size) : size) : [[Self.whole(file, index)]]
                continue
            }
            let isFull =
                !packsFiles || packedByteCount + file.likelyByteCount > size || packed.count == Self.pieceCountMax
            if isFull, !packed.isEmpty {
                splits.append(packed)
                (packed, packedByteCount) = ([], 0)
            }
            packed.append(Self.whole(file, index))
            packedByteCount += file.likelyByteCount
        }
        if !packed.isEmpty { splits.append(packed) }
        return splits
    }

    private static func whole(_ file: InputFile, _ index: Int) -> SplitPiece {
        SplitPiece(fileIndex: index, offset: 0, byteCount: file.byteCount)
    }

    private func splitByteCount(total: Int64) -> Int64 {
        isExact ? splitByteCountMax : min(splitByteCountMax, max(total / Self.splitCountAim, Self.splitByteCountMin))
    }

    private func tailByteCount(_ size: Int64) -> Int64 {
        isExact ? size : max(size / 4, min(size, 4 * Self.splitByteCountMin))
    }

    /// Pieces of equal size, none over `size`.
    private func cut(_ file: InputFile, index: Int, size: Int64) -> [[SplitPiece]] {
        let count = (file.byteCount + size - 1) / size
        let pieceByteCount = isExact ? size : (file.byteCount + count - 1) / count
        return stride(from: 0, to: file.byteCount, by: Int(pieceByteCount)).map { offset in
            [
                SplitPiece(
                    fileIndex: index, offset: offset, byteCount: min(pieceByteCount, file.byteCount - offset))
            ]
        }
    }
}
