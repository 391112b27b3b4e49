import ApplicationAPI
import CDataPath

/// Merges sorted segments into groups of equal keys; values of one key come in the order of the segments.
///
/// A tournament tree of losers finds the next pair with one comparison for each of its levels.
/// Source: Knuth, "The Art of Computer Programming", volume 3, section 5.4.1.
final class MergeStream: ValueSource {
    private let cursors: UnsafeMutablePointer<SegmentCursor>
    private let cursorCount: Int
    /// The prefix of each cursor's key once more, close together: matches read little else.
    private let prefixes: UnsafeMutablePointer<UInt64>
    /// The loser of the match at each inner node; at 0 the winner of all.
    private let losers: UnsafeMutablePointer<Int>
    private let control: TaskControl
    private let damaged: (Int, SegmentDamage) -> any Error
    private var groupKey = UnsafeMutableRawBufferPointer.allocate(byteCount: 256, alignment: 16)
    private var groupKeyCount = 0
    private var groupPrefix: UInt64 = 0
    private var hasGroup = false
    /// Whether the winner's value was given out, so that it must move on first.
    private var isWinnerUsed = false
    private var failure: (any Error)?
    private(set) var recordCount: Int64 = 0

    /// - Parameters:
    ///   - segments: In the order in which equal keys shall come.
    ///   - countsProgress: Whether what is read counts as the task's progress.
    ///   - damaged: Makes the error for a segment, by its index, that cannot be read.
    init(
        _ segments: [SegmentLocation], control: TaskControl, countsProgress: Bool = true,
        damaged: @escaping (Int, SegmentDamage) -> any Error
    ) throws {
        cursorCount = segments.count
        cursors = .allocate(capacity: max(1, segments.count))
        prefixes = .allocate(capacity: max(1, segments.count))
        losers = .allocate(capacity: max(1, segments.count))
        self.control = control
        self.damaged = damaged
        for (index, segment) in segments.enumerated() {
            (cursors + index).initialize(to: SegmentCursor(segment, countsProgress: countsProgress))
            losers[index] = index
        }
        for index in 0..<cursorCount { try advance(index) }
        if cursorCount > 0 { losers[0] = playFirst(node: 1) }
    }

    deinit {
        for index in 0..<cursorCount { cursors[index].deallocate() }
        cursors.deallocate()
        prefixes.deallocate()
        losers.deallocate()
        groupKey.deallocate()
    }

    /// The key of the group that the stream stands at; valid until `nextGroup`.
    var key: Bytes { Bytes(start: groupKey.baseAddress, count: groupKeyCount) }

    /// Passes over what is left of the current group and moves to the next.
    /// - Returns: False after the last group.
    func nextGroup() throws -> Bool {
        while nextValue() != nil {}
        if let failure { throw failure }
        guard cursorCount > 0, !cursors[losers[0]].isAtEnd else { return false }
        let winner = cursors + losers[0]
        groupPrefix = winner.pointee.prefix
        groupKeyCount = winner.pointee.key.count
        if groupKeyCount > groupKey.count { growGroupKey() }
        if let to = groupKey.baseAddress, let from = winner.pointee.key.baseAddress { memcpy(to, from, groupKeyCount) }
        hasGroup = true
        return true
    }

    /// The next value of the current group, valid until the next call.
    func nextValue() -> Bytes? {
        guard hasGroup, failure == nil else { return nil }
        let winner = losers[0]
        if isWinnerUsed {
            do { try advance(winner) } catch {
                failure = error
                return nil
            }
            replay(winner)
            isWinnerUsed = false
        }
        guard isInGroup(cursors + losers[0]) else {
            hasGroup = false
            return nil
        }
        isWinnerUsed = true
        recordCount += 1
        return cursors[losers[0]].value
    }

    /// Adds up the current group's values.
    func groupSum() throws -> Int64 {
        var total: Int64 = 0
        while let value = nextValue() {
            guard let amount = SumValue.sum(value) else {
                throw damaged(losers[0], SegmentDamage(reason: "a value is no sum"))
            }
            let (sum, overflows) = total.addingReportingOverflow(amount)
            if overflows { throw TaskError.sumOverflow(key: [UInt8](key)) }
            total = sum
        }
        if let failure { throw failure }
        return total
    }

    @inline(__always)
    private func isInGroup(_ cursor: UnsafeMutablePointer<SegmentCursor>) -> Bool {
        guard cursor.pointee.prefix == groupPrefix, !cursor.pointee.isAtEnd else { return false }
        let key = cursor.pointee.key
        guard key.count == groupKeyCount else { return false }
        guard key.count > 8, let start = key.baseAddress, let groupStart = groupKey.baseAddress else { return true }
        return memcmp(start + 8, groupStart + 8, key.count - 8) == 0
    }

    private func advance(_ index: Int) throws {
        do { try cursors[index].advance(control) } catch let damage as SegmentDamage { throw damaged(index, damage) }
        prefixes[index] = cursors[index].prefix
    }

    private func growGroupKey() {
        groupKey.deallocate()
        groupKey = .allocate(byteCount: groupKeyCount, alignment: 16)
    }
}

extension MergeStream {
    /// Plays the matches below a node for the first time.
    /// - Returns: The winner; the losers are noted.
    private func playFirst(node: Int) -> Int {
        if node >= cursorCount { return node - cursorCount }
        let left = playFirst(node: 2 * node)
        let right = playFirst(node: 2 * node + 1)
        let leftWins = isBefore(left, right)
        losers[node] = leftWins ? right : left
        return leftWins ? left : right
    }

    /// Plays the matches on the way from a cursor that has moved to the root.
    private func replay(_ moved: Int) {
        var winner = moved
        var node = (moved + cursorCount) / 2
        while node > 0 {
            let loser = losers[node]
            if isBefore(loser, winner) {
                losers[node] = winner
                winner = loser
            }
            node /= 2
        }
        losers[0] = winner
    }

    @inline(__always)
    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        let leftPrefix = prefixes[left]
        let rightPrefix = prefixes[right]
        return leftPrefix != rightPrefix ? leftPrefix < rightPrefix : isBeforeByRest(left, right)
    }

    /// The prefixes are equal: the rest of the keys decides, then the order of the segments. An end comes last.
    private func isBeforeByRest(_ left: Int, _ right: Int) -> Bool {
        guard !cursors[left].isAtEnd, !cursors[right].isAtEnd else { return cursors[right].isAtEnd }
        let leftKey = cursors[left].key
        let rightKey = cursors[right].key
        let common = min(leftKey.count, rightKey.count)
        if common > 8, let leftStart = leftKey.baseAddress, let rightStart = rightKey.baseAddress {
            let order = memcmp(leftStart + 8, rightStart + 8, common - 8)
            if order != 0 { return order < 0 }
        }
        return leftKey.count != rightKey.count ? leftKey.count < rightKey.count : left < right
    }
}
