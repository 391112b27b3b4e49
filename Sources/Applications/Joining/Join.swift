public import ApplicationAPI

/// Joins two inputs by key: one line of the key, the left line's other fields and the right line's for each pair of lines
/// with the same key, in the order of the left lines and then of the right.
///
/// Of each key the right lines come to reduce first and are held in memory; the left lines then pass by.
///
/// `@unchecked Sendable`: as ``Application`` says, one value serves one task at a time, on one thread.
public final class Join: Application, @unchecked Sendable {
    public static let name = "join"
    public static let summary = "joins the lines of two inputs by key"
    public static let options: [ApplicationOption] =
        JoinSides.options + [
            .separator,
            ApplicationOption(
                "type", "inner, left, right or outer: of which sides lines without a match stay (default: inner)"),
            ApplicationOption(
                "empty",
                "what stands for the side without a match, several fields with separators between (default: one empty field)"
            ),
        ]

    public let partitioning = Partitioning.hashWithoutLast(byteCount: JoinKey.sideByteCount)
    public let writesPairs = false
    private let sides: JoinSides
    private let kind: Kind
    private let separator: UInt8
    /// What stands for the fields of a side that has none, with a separator before it.
    private let missing: [UInt8]
    // Of a map task: what is emitted next.
    private var nextKey: [UInt8] = []
    private var nextValue: [UInt8] = []
    // Of a reduce task: the key that it is at, as map emitted it and as it is.
    private var group: [UInt8] = []
    private var key: [UInt8] = []
    private var rows = JoinRows()
    private var hasLeft = false

    private enum Kind: String, CaseIterable {
        case inner
        case left
        case right
        case outer

        var keepsLeft: Bool { self == .left || self == .outer }
        var keepsRight: Bool { self == .right || self == .outer }
    }

    public init(options: ApplicationOptions) throws {
        sides = try JoinSides(options)
        separator = try options.separator()
        let type = try options.text("type") ?? Kind.inner.rawValue
        guard let kind = Kind(rawValue: type) else {
            let known = Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw ApplicationOptionError("type", value: type, problem: "is none of \(known)")
        }
        self.kind = kind
        let empty = options.bytes("empty") ?? []
        guard !empty.contains(UInt8(ascii: "\n")) else {
            throw ApplicationOptionError("empty", value: empty, problem: "holds a newline, which ends a line")
        }
        missing = [separator] + empty
    }

    public func beginTask(_ task: TaskContext) {
        group = []
        rows.removeAll()
        hasLeft = false
    }
}

extension Join: InputChecker {
    package func check(fileName: Bytes) throws {
        // Which one does not matter yet.
        _ = try sides.side(of: fileName)
    }
}

// MARK: Map

extension Join {
    public func mapBlock(_ block: borrowing RecordBlock, to output: MapOutput) throws {
        let side = try sides.side(of: block.fileName)
        let field = sides.field(of: side)
        block.forEachRecord { record in
            let line = record.bytes
            let none = Bytes(start: nil, count: 0)
            guard let range = field.range(in: line) else {
                // As to join(1), a key that is not there is an empty one.
                return emit(none, side, before: line.isEmpty ? nil : line, after: none, output)
            }
            let isFirst = range.lowerBound == 0
            emit(
                Bytes(rebasing: line[range]), side,
                before: isFirst ? nil : Bytes(rebasing: line[..<(range.lowerBound - 1)]),
                after: Bytes(rebasing: line[range.upperBound...]), output)
        }
    }

    /// - Parameters:
    ///   - before: The fields before the key, without the separator at their end; nil when there are none.
    ///   - after: The fields after it, with the separator before them.
    private func emit(_ key: Bytes, _ side: JoinSide, before: Bytes?, after: Bytes, _ output: MapOutput) {
        JoinKey.store(key, side, in: &nextKey)
        nextKey.withUnsafeBytes { key in
            guard let before else { return output.emit(key, after) }
            nextValue.removeAll(keepingCapacity: true)
            nextValue.append(separator)
            nextValue.append(contentsOf: before)
            nextValue.append(contentsOf: after)
            nextValue.withUnsafeBytes { output.emit(key, $0) }
        }
    }
}

// MARK: Reduce

extension Join {
    public func reduce(_ bytes: Bytes, _ values: inout Values, to output: ReduceOutput) throws {
        switch JoinKey.side(of: bytes) {
        case .right:
            begin(bytes, output)
            while let row = values.next() {
                guard rows.append(row) else {
                    throw JoinRowsError(key: Array(key.prefix(JoinRowsError.shownByteCountMax)))
                }
            }
        case .left:
            if !isAt(bytes) { begin(bytes, output) }
            hasLeft = true
            guard !rows.isEmpty || kind.keepsLeft else { return }
            while let left = values.next() { write(left, output) }
        }
    }

    public func finishReduce(to output: ReduceOutput) { finishKey(output) }

    private func isAt(_ bytes: Bytes) -> Bool {
        func withoutSide(_ bytes: Bytes) -> Bytes { Bytes(rebasing: bytes.dropLast(JoinKey.sideByteCount)) }
        return group.withUnsafeBytes { withoutSide($0).hasSameBytes(as: withoutSide(bytes)) }
    }

    private func begin(_ bytes: Bytes, _ output: ReduceOutput) {
        finishKey(output)
        group.removeAll(keepingCapacity: true)
        group.append(contentsOf: bytes)
        JoinKey.load(bytes, into: &key)
    }

    private func finishKey(_ output: ReduceOutput) {
        if !hasLeft, kind.keepsRight {
            missing.withUnsafeBytes { missing in rows.forEach { write(missing, $0, output) } }
        }
        rows.removeAll()
        hasLeft = false
    }

    private func write(_ left: Bytes, _ output: ReduceOutput) {
        if rows.isEmpty {
            missing.withUnsafeBytes { write(left, $0, output) }
        } else {
            rows.forEach { write(left, $0, output) }
        }
    }

    private func write(_ left: Bytes, _ right: Bytes, _ output: ReduceOutput) {
        key.withUnsafeBytes { output.append($0) }
        output.append(left)
        output.append(right)
        output.endRecord()
    }
}
