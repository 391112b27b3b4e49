/// One input file as it was when the job was planned.
package struct InputFile: Hashable, Sendable {
    /// Absolute path; bytes, because file names need not be UTF-8.
    package let path: [UInt8]
    /// The name as the user gave it: what `grep` and `index` print.
    package let name: [UInt8]
    package let byteCount: Int64
    /// Nanoseconds since 1970, as the file system says. With `byteCount` it tells whether the file has changed since.
    package let modifiedNanoseconds: Int64
    /// What it is unpacked from before records are made of it; it is one piece then. nil: its bytes are the records'.
    package let compression: InputCompression?

    package init(
        path: [UInt8], name: [UInt8], byteCount: Int64, modifiedNanoseconds: Int64,
        compression: InputCompression? = nil
    ) {
        self.path = path
        self.name = name
        self.byteCount = byteCount
        self.modifiedNanoseconds = modifiedNanoseconds
        self.compression = compression
    }

    /// As many bytes as its contents most likely have.
    package var likelyByteCount: Int64 {
        compression == nil
            ? byteCount : byteCount.multipliedReportingOverflow(by: InputCompression.likelyRatio).partialValue
    }

    /// What holds its contents in its place.
    package func unpacked(byteCount: Int64) -> InputFile {
        InputFile(path: path, name: name, byteCount: byteCount, modifiedNanoseconds: modifiedNanoseconds)
    }
}

/// A byte range of one input file.
///
/// It owns each record whose first byte lies in it: of lines, reading starts after the first newline at or after `offset - 1`
/// (at once when `offset` is 0) and goes on past the end until the last owned record is whole. Of comma-separated values a
/// piece always begins with a record, because nothing in it would tell.
package struct SplitPiece: Hashable, Sendable {
    /// Index into the job's files, from 0.
    package let fileIndex: Int
    package let offset: Int64
    package let byteCount: Int64

    package init(fileIndex: Int, offset: Int64, byteCount: Int64) {
        precondition(fileIndex >= 0 && offset >= 0 && byteCount >= 0)
        self.fileIndex = fileIndex
        self.offset = offset
        self.byteCount = byteCount
    }
}

/// What a job runs on its records.
package struct ApplicationChoice: Hashable, Sendable {
    package let name: String
    /// Option values are bytes: a pattern need not be UTF-8.
    package let options: [String: [UInt8]]

    package init(name: String, options: [String: [UInt8]] = [:]) {
        self.name = name
        self.options = options
    }
}

/// Everything that is fixed about a job before its first task runs.
package struct JobPlan: Hashable, Sendable {
    package let id: JobID
    package let application: ApplicationChoice
    package let files: [InputFile]
    /// One map task per element; the pieces of one split are read in order.
    package let splits: [[SplitPiece]]
    /// R, 1 or more.
    package let reduceCount: Int
    /// Whether the three simple calls may take map tasks: only for an application whose map they share (plain word count).
    package let allowsSimpleWorkers: Bool
    /// R - 1 keys in order, at which one part's range of keys ends and the next one's begins; nil for an application that
    /// has no ranges, or that the master does not know.
    package let cutPoints: [[UInt8]]?
    /// How many records and groups may be left out, because a program fails on them; 0 for none.
    package let skippedRecordsMax: Int
    package let forms: DataForms
    /// Whether there is no reduce step: each task then reads a split and writes a part. Such tasks are in all else reduce
    /// tasks, one for each split, because what makes a part is accepted and committed as they are; the job has no map tasks.
    package let isMapOnly: Bool
    /// What tasks find in their working folders. To be read they are numbered after `files`.
    package let shipped: [ShippedFile]

    package init(
        id: JobID, application: ApplicationChoice, files: [InputFile], splits: [[SplitPiece]], reduceCount: Int,
        allowsSimpleWorkers: Bool, cutPoints: [[UInt8]]? = nil, skippedRecordsMax: Int = 0,
        forms: DataForms = DataForms(), isMapOnly: Bool = false, shipped: [ShippedFile] = []
    ) {
        precondition(reduceCount >= 1, "a job has at least 1 reduce task, not \(reduceCount)")
        precondition(!isMapOnly || reduceCount == splits.count, "without a reduce step each split makes one part")
        self.id = id
        self.application = application
        self.files = files
        self.splits = splits
        self.reduceCount = reduceCount
        self.allowsSimpleWorkers = allowsSimpleWorkers
        self.cutPoints = cutPoints
        self.skippedRecordsMax = skippedRecordsMax
        self.forms = forms
        self.isMapOnly = isMapOnly
        self.shipped = shipped
    }

    /// An input file or a shipped one, by the number that it is asked for by; nil where there is none.
    package func file(numbered index: Int) -> InputFile? {
        if files.indices.contains(index) { return files[index] }
        let place = index - files.count
        return shipped.indices.contains(place) ? shipped[place].file : nil
    }
}
