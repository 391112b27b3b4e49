/// Names that somebody may have meant.
enum NearNames {
    private static let countMax = 5

    /// Those that differ in a third of its letters at most, or begin with it; the nearest first.
    static func of(_ name: String, among names: [String]) -> [String] {
        let wanted = Array(name.utf8)
        guard !wanted.isEmpty, wanted.count <= FunctionLimits.nameByteCountMax else { return [] }
        let distanceMax = max(1, wanted.count / 3)
        let near = names.compactMap { other -> (name: String, distance: Int)? in
            let bytes = Array(other.utf8)
            let distance = bytes.starts(with: wanted) ? 0 : distance(wanted, bytes)
            return distance <= distanceMax ? (other, distance) : nil
        }
        return near.sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }.prefix(countMax).map(\.name)
    }

    /// How many letters must be added, taken away or replaced (Levenshtein), whatever their case.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var last = Array(0...right.count)
        for (row, letter) in left.enumerated() {
            var next = [row + 1]
            for (column, other) in right.enumerated() {
                let isSame = letter | 0x20 == other | 0x20
                next.append(min(last[column] + (isSame ? 0 : 1), last[column + 1] + 1, next[column] + 1))
            }
            last = next
        }
        return last[right.count]
    }
}
