/// Brings the pairs of many segments into memory, as many as fit into a budget at a time.
final class PairLoader {
    private let segments: SourceSegments
    private let control: TaskControl
    private var nextIndex = 0
    private var current: SourceSegments.Reading?

    init(_ segments: SourceSegments, control: TaskControl) {
        self.segments = segments
        self.control = control
    }

    /// Loads pairs until all are there or the budget is used up; the order is that of the segments.
    /// - Returns: Whether all are there.
    func load(into pairs: LoadedPairs) throws -> Bool {
        while true {
            if current == nil {
                guard nextIndex < segments.count else { return true }
                current = try segments.open(nextIndex)
                nextIndex += 1
            }
            guard var reading = current else { continue }
            current = nil
            if try reading.load(into: pairs, control: control) { continue }
            current = reading
            return false
        }
    }
}

extension SourceSegments {
    /// A segment whose blocks are being read.
    struct Reading {
        let file: SourceFile
        var blocks: BlockReader

        /// - Returns: False when a block is left that the budget has no room for.
        mutating func load(into pairs: LoadedPairs, control: TaskControl) throws -> Bool {
            do {
                while let header = try blocks.next() {
                    guard pairs.hasRoom(for: header) else { return false }
                    try control.check()
                    try pairs.append(header) { try blocks.readPayload(to: $0) }
                    control.add(bytes: SegmentFormat.headerByteCount + header.payloadByteCount)
                }
                return true
            } catch let damage as SegmentDamage {
                throw file.error(damage)
            }
        }
    }

    func open(_ index: Int) throws -> Reading {
        let file = try SourceFile(sources[index], index: index)
        return Reading(file: file, blocks: BlockReader(location(of: file)))
    }
}
