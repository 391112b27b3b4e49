import CDataPath

/// One record of the input.
public struct Record: ~Copyable {
    /// The record's bytes, without what ended it; valid while it is mapped.
    public fileprivate(set) var bytes: Bytes
    fileprivate let position: InputPosition
    fileprivate var lineIndex: Int64

    /// The file's name as the user gave it.
    public var fileName: Bytes { position.fileName }

    /// The line's number in the whole file, from 1; where records are no lines, the record's. The first call in a task reads
    /// the file up to the task's part.
    /// - Throws: What went wrong in that; let it through.
    public func lineNumber() throws -> Int64 { try position.lineCountBefore() + lineIndex + 1 }
}

/// Whole records that lie next to one another in one file.
public struct RecordBlock: ~Copyable {
    /// Records as they stand in the file, with what ends them; the file's last one may lack that. For `.lines`: whole lines
    /// with their LFs. For `.wholeFile`: the file.
    public let bytes: Bytes
    /// How many records the block holds.
    public let recordCount: Int
    /// Whether this is part of a line that goes on in the next block; only for a ``LinePartTaker``.
    package let isCut: Bool
    private let position: InputPosition
    private let firstLineIndex: Int64
    /// How ``bytes`` are made of records. Who overrides `mapBlock` looks at it, or calls ``forEachRecord(_:)``.
    public let format: RecordFormat

    package init(
        bytes: Bytes, recordCount: Int, isCut: Bool = false, position: InputPosition, firstLineIndex: Int64,
        format: RecordFormat
    ) {
        self.bytes = bytes
        self.recordCount = recordCount
        self.isCut = isCut
        self.position = position
        self.firstLineIndex = firstLineIndex
        self.format = format
    }

    /// The file's name as the user gave it.
    public var fileName: Bytes { position.fileName }

    /// The number in the whole file, from 1, of the line, or the record of another format, that the byte at `offset` of
    /// ``bytes`` belongs to.
    ///
    /// The first call in a task reads the file up to the task's part; each call reads the block up to `offset`.
    /// - Parameter offset: From 0 to the count of ``bytes``.
    /// - Throws: What went wrong in reading; let it through.
    public func lineNumber(at offset: Int) throws -> Int64 {
        let before = Bytes(rebasing: bytes[..<offset])
        // A whole file has lines all the same.
        let count = format == .wholeFile ? before.newlineCount : format.endCount(in: before)
        return try position.lineCountBefore() + firstLineIndex + Int64(count) + 1
    }

    /// Calls `body` for each record in order.
    /// - Throws: What `body` throws.
    public func forEachRecord(_ body: (borrowing Record) throws -> Void) rethrows {
        var record = Record(bytes: bytes, position: position, lineIndex: firstLineIndex)
        guard let terminator = format.terminator else {
            try forEachUnterminatedRange { bytes in
                record.bytes = bytes
                try body(record)
                record.lineIndex += 1
            }
            return
        }
        guard let start = bytes.baseAddress else { return }
        let terminatorByte = CInt(terminator)
        var offset = 0
        while offset < bytes.count {
            let rest = bytes.count - offset
            let found = memchr(start + offset, terminatorByte, rest)
            let end = found.map { UnsafeRawPointer($0) - start } ?? bytes.count
            record.bytes = Bytes(start: start + offset, count: end - offset)
            try body(record)
            record.lineIndex += 1
            offset = end + 1
        }
    }

    /// Calls `body` with stretches of ``bytes`` in which nothing but white space lies between records, for an application to
    /// which a record's end is white space: all at once for lines.
    package func forEachStretch(_ body: (Bytes) throws -> Void) rethrows {
        switch format {
        case .lines, .csv, .wholeFile: try body(bytes)
        case .nulTerminated, .fixedLength: try forEachRecord { try body($0.bytes) }
        }
    }
}

/// Where in which file a piece of input begins; counts the lines, or other records, before it when first asked.
package final class InputPosition {
    package let fileName: Bytes
    private let countLines: () throws -> Int64
    private var lineCount: Int64?

    /// - Parameters:
    ///   - fileName: Copied.
    ///   - countLines: How many lines or other records precede the piece's first one; called at most once.
    package init(fileName: [UInt8], countLines: @escaping () throws -> Int64) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: fileName.count, alignment: 1)
        copy.copyBytes(from: fileName)
        self.fileName = Bytes(copy)
        self.countLines = countLines
    }

    deinit { fileName.deallocate() }

    fileprivate func lineCountBefore() throws -> Int64 {
        if let lineCount { return lineCount }
        let count = try countLines()
        lineCount = count
        return count
    }
}

extension UnsafeRawBufferPointer {
    /// How many of the bytes are LF.
    package var newlineCount: Int {
        guard let baseAddress else { return 0 }
        return mr_newline_count(baseAddress.assumingMemoryBound(to: UInt8.self), count)
    }
}
