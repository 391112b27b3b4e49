import Model

/// Who has which file. What a file holds is which input it was made of.
struct ModelFiles: Sendable {
    /// Map outputs, by the process that holds them; nil is the master.
    private var mapOutputs: [Holding: [SplitPiece]] = [:]
    private var spoiled: Set<Holding> = []
    /// Outputs of reduce attempts under the attempt's own name.
    var attemptOutputs: [AttemptID: PartContent] = [:]
    /// `part-r` of each job.
    var parts: [TaskID: PartContent] = [:]

    struct Holding: Hashable, Sendable {
        let holder: Address?
        let attempt: AttemptID
    }

    mutating func write(_ pieces: [SplitPiece], of attempt: AttemptID, at holder: Address?) {
        mapOutputs[Holding(holder: holder, attempt: attempt)] = pieces
    }

    mutating func delete(_ attempt: AttemptID, at holder: Address?) {
        mapOutputs[Holding(holder: holder, attempt: attempt)] = nil
        spoiled.remove(Holding(holder: holder, attempt: attempt))
    }

    /// Readers will find what lies there now damaged.
    mutating func spoilAll(at holder: Address) { spoiled.formUnion(mapOutputs.keys.filter { $0.holder == holder }) }

    func isSpoiled(_ attempt: AttemptID, at holder: Address?) -> Bool {
        spoiled.contains(Holding(holder: holder, attempt: attempt))
    }

    mutating func deleteAll(at holder: Address) { mapOutputs = mapOutputs.filter { $0.key.holder != holder } }

    func read(_ attempt: AttemptID, at holder: Address?) -> [SplitPiece]? {
        mapOutputs[Holding(holder: holder, attempt: attempt)]
    }
}

/// What one part was made of.
struct PartContent: Hashable, Sendable {
    let attempt: AttemptID
    let sources: [Source]

    struct Source: Hashable, Sendable {
        let map: AttemptID
        let pieces: [SplitPiece]
    }

    /// Why this is not the whole input, each byte once; nil when it is.
    func flaw(expecting files: [InputFile]) -> String? {
        let indexes = sources.map(\.map.task.index)
        if Set(indexes).count != indexes.count { return "\(attempt) read a map task twice: \(indexes.sorted())" }
        for (index, file) in files.enumerated() {
            let pieces = sources.flatMap(\.pieces).filter { $0.fileIndex == index && $0.byteCount > 0 }
            var end: Int64 = 0
            for piece in pieces.sorted(by: { $0.offset < $1.offset }) {
                if piece.offset != end {
                    return "\(attempt): file \(index) goes on at \(piece.offset) instead of \(end)"
                }
                end += piece.byteCount
            }
            if end != file.byteCount { return "\(attempt): file \(index) ends at \(end) of \(file.byteCount)" }
        }
        return nil
    }
}
