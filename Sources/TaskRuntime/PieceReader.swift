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
/// for; the beginning of a record that is not whole yet moves to the front then. A record that fills the whole window is
/// handed out in parts where that is wanted.
final class PieceReader {
    private let source: any InputSource
    private let file: InputFile
    private let buffer: InputBuffer
    private let control: TaskControl
    private let pieceStart: Int64
    private let pieceEnd: Int64
    private let format: RecordFormat
    private let skipsHeader: Bool
    private let cutsLongRecords: Bool
    /// The offset in the file of the buffer's first byte.
    private var windowStart: Int64
    private var windowCount = 0
    private var handedOut = 0
    private var isStarted = false
    private var isDone = false
    /// Only for `.csv`.
    private var quotes: QuoteScan
    private var startsInQuotes = false
    /// The offset in the file of the piece's first record; valid once a block was handed out.
    private(set) var firstRecordOffset: Int64 = 0
    /// Whether the block that was handed out last is part of a record that goes on in the next.
    private(set) var isCut = false

    /// How much is read at once after the piece's end, in search of the end of its last record.
    private static let overrunByteCount: Int64 = 64 << 10

    /// - Parameters:
    ///   - recordStart: Where a record begins, at the piece's offset or before it: quotes are followed from there.
    ///   - cutsLongRecords: Whether records need not be whole that are longer than the buffer.
    init(
        _ source: any InputSource, _ file: InputFile, _ piece: SplitPiece, format: RecordFormat,
        skipsHeader: Bool = false, recordStart: Int64 = 0, cutsLongRecords: Bool, buffer: InputBuffer,
        control: TaskControl
    ) {
        self.source = source
        self.file = file
        self.buffer = buffer
        self.control = control
        self.format = format
        self.cutsLongRecords = cutsLongRecords
        let end = min(piece.offset + piece.byteCount, file.byteCount)
        let isEmpty = piece.offset >= end
        self.skipsHeader = skipsHeader && piece.offset == 0
        quotes = QuoteScan(from: recordStart)
        switch format {
        case .lines, .nulTerminated:
            (pieceStart, pieceEnd) = (piece.offset, end)
            windowStart = max(0, piece.offset - 1)
        case .wholeFile:
            (pieceStart, pieceEnd) = (piece.offset == 0 ? 0 : file.byteCount, isEmpty ? 0 : file.byteCount)
            windowStart = pieceStart
        case .fixedLength(let byteCount):
            let length = Int64(byteCount)
            let start = (piece.offset + length - 1) / length * length
            pieceStart = self.skipsHeader ? length : start
            pieceEnd = isEmpty ? 0 : min((end + length - 1) / length * length, file.byteCount)
            windowStart = pieceStart
        case .csv:
            (pieceStart, pieceEnd) = (piece.offset, end)
            windowStart = recordStart
        }
        isDone = pieceStart >= pieceEnd
    }

    private var windowEnd: Int64 { windowStart + Int64(windowCount) }

    /// The next block, valid until the next call; nil after the last.
    func nextBlock() throws -> Bytes? {
        try control.check()
        dropHandedOut()
        if !isStarted { try findFirstRecord() }
        guard !isDone else { return nil }
        startsInQuotes = isCut && quotes.isInQuotes
        var searched = 0
        while true {
            let end = try blockEnd(searchedBefore: searched)
            isCut = end == nil && cutsLongRecords && windowCount == buffer.capacity
            if let count = end ?? (isCut ? windowCount : nil) {
                handedOut = count
                return Bytes(start: buffer.start, count: count)
            }
            searched = windowCount
            try readMore()
        }
    }

    /// How many records end in the block that was handed out last, the file's last one without its end included. A record that
    /// is given in parts counts with its last one.
    func recordCount(of block: Bytes) -> Int {
        switch format {
        case .wholeFile: return isCut ? 0 : 1
        case .lines, .nulTerminated:
            guard !isCut, let last = block.last else { return 0 }
            return format.endCount(in: block) + (last == format.terminator ? 0 : 1)
        case .fixedLength(let byteCount):
            let length = Int64(byteCount)
            return Int((windowStart + Int64(block.count)) / length - windowStart / length)
        case .csv:
            guard !isCut, let last = block.last else { return 0 }
            return QuoteScan.endCount(in: block, startsInQuotes: startsInQuotes)
                + (last == UInt8(ascii: "\n") ? 0 : 1)
        }
    }

    /// Where the first record begins that begins in the piece; nil when none does. It comes in the place of ``nextBlock()``.
    func findRecord() throws -> Int64? {
        try control.check()
        if !isStarted { try findFirstRecord() }
        return isDone ? nil : firstRecordOffset
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

// MARK: Where a block ends

extension PieceReader {
    /// Where a block may end: after the piece's last record, or after the last whole one in the window.
    private func blockEnd(searchedBefore searched: Int) throws -> Int? {
        switch format {
        case .lines: terminatedEnd(UInt8(ascii: "\n"), searchedBefore: searched)
        case .nulTerminated: terminatedEnd(0, searchedBefore: searched)
        case .fixedLength(let byteCount): fixedEnd(Int64(byteCount))
        case .csv: try quotedEnd()
        case .wholeFile: fileEnd()
        }
    }

    private func terminatedEnd(_ terminator: UInt8, searchedBefore searched: Int) -> Int? {
        if windowEnd >= pieceEnd {
            let from = max(searched, Int(pieceEnd - 1 - windowStart))
            if let end = first(terminator, from: from) {
                isDone = true
                return end + 1
            }
        }
        return fileEnd() ?? last(terminator, from: searched).map { $0 + 1 }
    }

    private func fileEnd() -> Int? {
        guard windowEnd == file.byteCount else { return nil }
        isDone = true
        return windowCount
    }

    private func fixedEnd(_ length: Int64) -> Int? {
        if windowEnd == pieceEnd {
            isDone = true
            return windowCount
        }
        let end = windowEnd / length * length
        return end > windowStart ? Int(end - windowStart) : nil
    }

    private func quotedEnd() throws -> Int? {
        let window = QuoteScan.Window(start: buffer.start, offset: windowStart)
        let last = quotes.lastEnd(in: window, upTo: min(windowEnd, pieceEnd - 1))
        if windowEnd >= pieceEnd, let end = quotes.firstEnd(in: window, upTo: windowEnd) {
            isDone = true
            return Int(end - windowStart)
        }
        if let end = fileEnd() {
            guard !quotes.isInQuotes else { throw TaskError.quotesLeftOpen(path: file.displayPath) }
            return end
        }
        return last.map { Int($0 - windowStart) }
    }

    private func first(_ byte: UInt8, from: Int) -> Int? {
        guard from < windowCount else { return nil }
        return memchr(buffer.start + from, CInt(byte), windowCount - from).map { $0 - buffer.start }
    }

    private func last(_ byte: UInt8, from: Int) -> Int? {
        guard from < windowCount else { return nil }
        return mr_find_last_byte(buffer.start + from, CInt(byte), windowCount - from).map {
            $0 - UnsafeRawPointer(buffer.start)
        }
    }
}

// MARK: Where records begin

extension PieceReader {
    /// Reads up to the first record that begins in the piece, and is no header to pass over.
    private func findFirstRecord() throws {
        isStarted = true
        firstRecordOffset = windowStart
        if case .fixedLength(let byteCount) = format, file.byteCount % Int64(byteCount) != 0 {
            throw TaskError.notWholeRecords(
                path: file.displayPath, byteCount: file.byteCount, recordByteCount: byteCount)
        }
        guard !isDone else { return }
        switch format {
        case .wholeFile, .fixedLength: break
        case .lines, .nulTerminated, .csv:
            guard skipsHeader || pieceStart > windowStart else { return }
            try passRecord(endingFrom: skipsHeader ? 0 : pieceStart - 1)
        }
    }

    /// Reads to the end of the first record that ends with the byte at `offset` or later, and keeps none of it.
    private func passRecord(endingFrom offset: Int64) throws {
        while true {
            if let end = try recordEnd(from: offset) {
                handedOut = end
                dropHandedOut()
                firstRecordOffset = windowStart
                isDone = windowStart >= pieceEnd
                return
            }
            windowStart += Int64(windowCount)
            windowCount = 0
            guard windowStart < (skipsHeader ? file.byteCount : pieceEnd) else {
                isDone = true
                return
            }
            try control.check()
            try readMore()
        }
    }

    private func recordEnd(from offset: Int64) throws -> Int? {
        if let terminator = format.terminator { return first(terminator, from: 0).map { $0 + 1 } }
        let window = QuoteScan.Window(start: buffer.start, offset: windowStart)
        _ = quotes.lastEnd(in: window, upTo: min(windowEnd, offset))
        let end = quotes.firstEnd(in: window, upTo: windowEnd)
        if end == nil, windowEnd == file.byteCount, quotes.isInQuotes {
            throw TaskError.quotesLeftOpen(path: file.displayPath)
        }
        return end.map { Int($0 - windowStart) }
    }
}

extension PieceReader {
    /// Counts the records before the piece's first one by reading the file up to there.
    func recordCountBefore() throws -> Int64 {
        if case .fixedLength(let byteCount) = format { return firstRecordOffset / Int64(byteCount) }
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: TaskLimits.inputBlockByteCount, alignment: 4096)
        defer { chunk.deallocate() }
        var offset: Int64 = 0
        var quotes = QuoteScan(from: 0)
        var recordCount: Int64 = 0
        while offset < firstRecordOffset {
            try control.check()
            let wanted = Int(min(Int64(chunk.count), firstRecordOffset - offset))
            let count = try source.read(into: .init(rebasing: chunk[..<wanted]), at: offset)
            guard (1...wanted).contains(count) else {
                throw TaskError.inputChanged(
                    path: file.displayPath, reason: "it ended after \(offset) of \(file.byteCount) bytes")
            }
            let bytes = Bytes(rebasing: Bytes(chunk)[..<count])
            if format == .csv, let start = bytes.baseAddress {
                _ = quotes.lastEnd(in: QuoteScan.Window(start: start, offset: offset), upTo: offset + Int64(count))
            } else {
                recordCount += Int64(format.endCount(in: bytes))
            }
            offset += Int64(count)
        }
        return format == .csv ? Int64(quotes.endCount) : recordCount
    }
}
