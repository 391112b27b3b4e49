import ApplicationAPI
package import Model

/// What a map task reads: the pieces of its split, and how to reach their files.
package struct MapInput: Sendable {
    /// Read in this order.
    package let pieces: [SplitPiece]
    /// By ``SplitPiece/fileIndex``.
    package let files: [Int: InputFile]
    /// Opens one of `files`; called once for each piece, with the file's index.
    package let open: @Sendable (InputFile, Int) throws -> any InputSource
    package let records: RecordRule
    /// The pieces of the whole split: what is in them of comma-separated values begins with a record.
    private let planned: [SplitPiece]
    /// The split's first piece, as applications see it, also where only some of its records are read.
    let first: TaskContext.Input?

    package init(
        pieces: [SplitPiece], files: [Int: InputFile], records: RecordRule = RecordRule(),
        open: @escaping @Sendable (InputFile, Int) throws -> any InputSource
    ) {
        for piece in pieces { precondition(files[piece.fileIndex] != nil, "file \(piece.fileIndex) is not described") }
        self.pieces = pieces
        self.files = files
        self.records = records
        self.open = open
        planned = pieces
        first = pieces.first.flatMap { piece in
            files[piece.fileIndex].map {
                TaskContext.Input(path: $0.path, offset: piece.offset, byteCount: piece.byteCount)
            }
        }
    }

    /// Other pieces of the same files.
    func with(pieces: [SplitPiece]) -> MapInput { MapInput(pieces: pieces, of: self) }

    private init(pieces: [SplitPiece], of whole: MapInput) {
        self.pieces = pieces
        files = whole.files
        records = whole.records
        open = whole.open
        planned = whole.planned
        first = whole.first
    }

    /// Input whose files are on this machine.
    package static func local(
        pieces: [SplitPiece], files: [Int: InputFile], records: RecordRule = RecordRule()
    ) -> MapInput {
        MapInput(pieces: pieces, files: files, records: records) { file, _ in try FileInputSource(file) }
    }

    /// Calls `body` with each piece's reader, and afterwards makes sure that the file was still the planned one.
    func forEachPiece(
        format: RecordFormat, cutsLongRecords: Bool = false, control: TaskControl,
        _ body: (PieceReader, InputFile) throws -> Void
    ) throws {
        let buffer = InputBuffer()
        for piece in pieces {
            guard let file = files[piece.fileIndex] else { preconditionFailure("checked by init") }
            try control.check()
            let source = try open(file, piece.fileIndex)
            defer { source.close() }
            let reader = PieceReader(
                source, file, piece, format: format, skipsHeader: records.skipsHeaders,
                recordStart: format == .csv ? recordStart(before: piece) : 0, cutsLongRecords: cutsLongRecords,
                buffer: buffer, control: control)
            try body(reader, file)
            try source.checkUnchanged()
        }
    }

    /// Where a record of comma-separated values is known to begin, at the piece's offset or before it.
    private func recordStart(before piece: SplitPiece) -> Int64 {
        guard piece.offset > 0 else { return 0 }
        let enclosing = planned.last { $0.fileIndex == piece.fileIndex && $0.offset <= piece.offset }
        return enclosing?.offset ?? 0
    }
}
