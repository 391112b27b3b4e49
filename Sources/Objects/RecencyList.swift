/// Places in the order of their last use: a linked list whose links are in one array, so that each step takes the same time
/// however many there are, and nothing is allocated for any of them.
struct RecencyList {
    private struct Links {
        var newer: Int32 = RecencyList.none
        var older: Int32 = RecencyList.none
        var isListed = false
    }

    private var links: [Links] = []
    private var newest: Int32 = RecencyList.none
    private var oldest: Int32 = RecencyList.none

    private static let none: Int32 = -1

    /// The one that was not used for longest.
    var leastRecent: Int? { oldest == Self.none ? nil : Int(oldest) }

    /// The next after it towards those that were used of late.
    func moreRecent(than place: Int) -> Int? {
        precondition(links[place].isListed, "place \(place) is not listed")
        let newer = links[place].newer
        return newer == Self.none ? nil : Int(newer)
    }

    func contains(_ place: Int) -> Bool { links.indices.contains(place) && links[place].isListed }

    /// - Parameter place: Not listed.
    mutating func addMostRecent(_ place: Int) {
        prepare(place)
        links[place].older = newest
        if newest == Self.none { oldest = Int32(place) } else { links[Int(newest)].newer = Int32(place) }
        newest = Int32(place)
    }

    /// - Parameter place: Not listed.
    mutating func addLeastRecent(_ place: Int) {
        prepare(place)
        links[place].newer = oldest
        if oldest == Self.none { newest = Int32(place) } else { links[Int(oldest)].older = Int32(place) }
        oldest = Int32(place)
    }

    /// - Parameter place: Listed.
    mutating func remove(_ place: Int) {
        let old = links[place]
        precondition(old.isListed, "place \(place) is not listed")
        if old.newer == Self.none { newest = old.older } else { links[Int(old.newer)].older = old.older }
        if old.older == Self.none { oldest = old.newer } else { links[Int(old.older)].newer = old.newer }
        links[place] = Links()
    }

    private mutating func prepare(_ place: Int) {
        while links.count <= place { links.append(Links()) }
        precondition(!links[place].isListed, "place \(place) is listed")
        links[place].isListed = true
    }
}
