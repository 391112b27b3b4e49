import DataProtocol

/// Keys in order, in pieces of a few hundred: adding or removing one moves no more than a piece.
///
/// - Complexity: O(log n) comparisons for a key, and O(log n + limit) for a page.
struct KeyOrder {
    /// None is empty; each is sorted, and all of one come before all of the next.
    private var pieces: [[ObjectKey]] = []

    private static let pieceCountMax = 512

    /// - Parameter key: Not there.
    mutating func insert(_ key: ObjectKey) {
        guard !pieces.isEmpty else {
            pieces = [[key]]
            return
        }
        let piece = max(0, Self.count(in: pieces) { $0[0] <= key } - 1)
        let index = Self.count(in: pieces[piece]) { $0 < key }
        precondition(index == pieces[piece].count || pieces[piece][index] != key, "a key is there twice")
        pieces[piece].insert(key, at: index)
        if pieces[piece].count > Self.pieceCountMax { split(piece) }
    }

    /// - Parameter key: There.
    mutating func remove(_ key: ObjectKey) {
        let piece = Self.count(in: pieces) { $0[0] <= key } - 1
        precondition(piece >= 0, "a key is not there")
        let index = Self.count(in: pieces[piece]) { $0 < key }
        precondition(index < pieces[piece].count && pieces[piece][index] == key, "a key is not there")
        pieces[piece].remove(at: index)
        if pieces[piece].isEmpty {
            pieces.remove(at: piece)
        } else if piece + 1 < pieces.count,
            pieces[piece].count + pieces[piece + 1].count <= Self.pieceCountMax / 2
        {
            let next = pieces.remove(at: piece + 1)
            pieces[piece].append(contentsOf: next)
        }
    }

    /// The first keys that come after `key`, which need not be there itself; of all, if it is nil.
    func keys(after key: ObjectKey?, limit: Int) -> [ObjectKey] {
        var found: [ObjectKey] = []
        var piece = 0
        var index = 0
        if let key {
            piece = max(0, Self.count(in: pieces) { $0[0] <= key } - 1)
            index = piece < pieces.count ? Self.count(in: pieces[piece]) { $0 <= key } : 0
        }
        while piece < pieces.count, found.count < limit {
            found.append(contentsOf: pieces[piece][index...].prefix(limit - found.count))
            piece += 1
            index = 0
        }
        return found
    }

    private mutating func split(_ piece: Int) {
        let half = pieces[piece].count / 2
        pieces.insert(Array(pieces[piece][half...]), at: piece + 1)
        pieces[piece].removeSubrange(half...)
    }

    /// How many at the beginning are so, where those that are come first.
    private static func count<Element>(in elements: [Element], _ isSo: (Element) -> Bool) -> Int {
        var low = 0
        var high = elements.count
        while low < high {
            let middle = (low + high) / 2
            if isSo(elements[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
