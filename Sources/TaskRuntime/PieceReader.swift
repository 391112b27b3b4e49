import ApplicationAPI
import CDataPath
import Glibc
import Model

/// Memory for input, used for one piece after the other. It grows when a record does not fit.
final class InputBuffer {
    private var memory = GrowingMemory(capacity: TaskLimits.inputBlockByteCount)

    var start: UnsafeMutableRawPointer { memory.start }
    var capacity: Int { memory.capacity }

    func grow() { memory.grow() }
}

/// Reads the records that one piece owns, as blocks of whole records.
///
/// The buffer holds a window of the file. What was handed out lies at its front and goes when the next block is asked
/// for; the beginning of a record that is not whole yet moves to the front then. A line that fills the whole window is
/// handed out in parts where that is wanted.
final class PieceReader {
    private let source: any InputSource
    private let file: InputFile
    private let buffer: InputBuffer
    private let control: TaskControl
    private let pieceStart: Int64
    private let pieceEnd: Int64
    private let isWholeFile: Bool
    private let cutsLongLines: Bool
    /// The offset in the file of the buffer's first byte.
    private var windowStart: Int64
    private var windowCount = 0
    private var handedOut = 0
    private var isStarted = false
    private var isDone = false
    /// The offset in the file of the piece's first record; valid once a block was handed out.
    private(set) var firstRecordOffset: Int64 = 0
    /// Whether the block that was handed out last is part of a line that goes on in the next.
    private(set) var isCut = false

    /// How much is read at once after the piece's end, in search of the end of its last record.
    private static let overrunByteCount: Int64 = 64 << 10

    /// - Parameter cutsLongLines: Whether lines need not be whole that are longer than the buffer.
    init(
        _ source: any InputSource, _ file: InputFile, _ piece: SplitPiece, format: RecordFormat, cutsLongLines: Bool,
        buffer: InputBuffer, control: TaskControl
    ) {
        self.source = source
        self.file = file
        self.buffer = buffer
        self.control = control
        isWholeFile = format == .wholeFile
        self.cutsLongLines = cutsLongLines && !isWholeFile
        let holdsStart = piece.offset == 0 && piece.byteCount > 0
        pieceStart = piece.offset
        pieceEnd = isWholeFile && holdsStart ? file.byteCount : min(piece.offset + piece.byteCount, file.byteCount)
        isDone = pieceStart >= pieceEnd || (isWholeFile && !holdsStart)
        windowStart = max(0, piece.offset - 1)
    }

    private var windowEnd: Int64 { windowStart + Int64(windowCount) }

    /// The next block, valid until the next call; nil after the last.
    func nextBlock() throws -> Bytes? {
        try control.check()
        dropHandedOut()
        if !isStarted { try findFirstRecord() }
        guard !isDone else { return nil }
        var searched = 0
        while true {
            let end = blockEnd(searchedBefore: searched)
            isCut = end == nil && cutsLongLines && windowCount == buffer.capacity
            if let count = end ?? (isCut ? windowCount : nil) {
                handedOut = count
                return Bytes(start: buffer.start, count: count)
            }
            searched = windowCount
            try readMore()
        }
    }

    /// Where a block may end: after the piece's last record, or after the last whole one in the window.
    private func blockEnd(searchedBefore searched: Int) -> Int? {
        if windowEnd >= pieceEnd && !isWholeFile {
            let from = max(searched, Int(pieceEnd - 1 - windowStart))
            if let newline = firstNewline(from: from) {
                isDone = true
                return newline + 1
            }
        }
        if windowEnd == file.byteCount {
            isDone = true
            return windowCount
        }
        guard !isWholeFile else { return nil }
        return lastNewline(from: searched).map { $0 + 1 }
    }

    /// Where the first record begins that begins in the piece; nil when none does. It comes in the place of ``nextBlock()``.
    func findRecord() throws -> Int64? {
        try control.check()
        if !isStarted { try findFirstRecord() }
        return isDone ? nil : firstRecordOffset
    }

    /// Reads up to the first record that begins in the piece.
    private func findFirstRecord() throws {
        isStarted = true
        firstRecordOffset = windowStart
        guard pieceStart > 0, !isDone else { return }
        while true {
            windowStart += Int64(windowCount)
            windowCount = 0
            guard windowStart < pieceEnd else {
                isDone = true
                return
            }
            try control.check()
            try readMore()
            guard let newline = firstNewline(from: 0) else { continue }
            handedOut = newline + 1
            dropHandedOut()
            firstRecordOffset = windowStart
            isDone = windowStart >= pieceEnd
            return
        }
    }

    private func firstNewline(from: Int) -> Int? {
        guard from < windowCount else { return nil }
        return memchr(buffer.start + from, 10, windowCount - from).map { $0 - buffer.start }
    }

    private func lastNewline(from: Int) -> Int? {
        guard from < windowCount else { return nil }
        return mr_find_last_byte(buffer.start + from, 10, windowCount - from).map {
            $0 - UnsafeRawPointer(buffer.start)
        }
    }

    private func dropHandedOut() {
        guard handedOut > 0 else { return }
        windowCount -= handedOut
        memmove(buffer.start, buffer.start + handedOut, windowCount)
        windowStart += Int64(handedOut)
        handedOut = 0
    }

    /// Reads at least one more byte; fewer than planned means that the file was cut off.
    private func readMore() throws {
        if windowCount == buffer.capacity {
            guard windowCount < DataLimits.recordByteCountMax else {
                throw TaskError.recordTooLong(
                    path: file.displayPath, offset: windowStart, byteCountMax: DataLimits.recordByteCountMax)
            }
            buffer.grow()
        }
        let wanted = windowEnd < pieceEnd ? pieceEnd - windowEnd : PieceReader.overrunByteCount
        let count = min(Int64(buffer.capacity - windowCount), wanted, file.byteCount - windowEnd)
        let target = UnsafeMutableRawBufferPointer(start: buffer.start + windowCount, count: Int(count))
        let readCount = try source.read(into: target, at: windowEnd)
        guard (1...target.count).contains(readCount) else {
            throw TaskError.inputChanged(
                path: file.displayPath, reason: "it ended after \(windowEnd) of \(file.byteCount) bytes")
        }
        windowCount += readCount
    }
}

extension PieceReader {
    /// Counts the LFs before the piece's first record by reading the file up to there.
    func lineCountBefore() throws -> Int64 {
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: TaskLimits.inputBlockByteCount, alignment: 4096)
        defer { chunk.deallocate() }
        var offset: Int64 = 0
        var lineCount: Int64 = 0
        while offset < firstRecordOffset {
            try control.check()
            let wanted = Int(min(Int64(chunk.count), firstRecordOffset - offset))
            let count = try source.read(into: .init(rebasing: chunk[..<wanted]), at: offset)
            guard (1...wanted).contains(count) else {
                throw TaskError.inputChanged(
                    path: file.displayPath, reason: "it ended after \(offset) of \(file.byteCount) bytes")
            }
            lineCount += Int64(Bytes(rebasing: Bytes(chunk)[..<count]).newlineCount)
            offset += Int64(count)
        }
        return lineCount
    }
}
