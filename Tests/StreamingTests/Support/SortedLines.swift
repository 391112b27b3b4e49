import TaskRuntime
import TestSupport

/// What comes out when nothing but the framework does something: slow and obvious.
enum SortedLines {
    static func parts(_ input: [UInt8], partitionCount: Int) -> [[UInt8]] {
        var lines = input.split(separator: 10, omittingEmptySubsequences: false).map(Array.init)
        if lines.last == [] { lines.removeLast() }
        let pairs = lines.map { line -> (key: [UInt8], line: [UInt8], place: Int) in
            let key = Array(line.prefix { $0 != 9 })
            return (key, key.count == line.count ? line + [9] : line, 0)
        }.enumerated().map { (key: $1.key, line: $1.line, place: $0) }
        let sorted = pairs.sorted { left, right in
            left.key == right.key ? left.place < right.place : left.key.lexicographicallyPrecedes(right.key)
        }
        var parts = [[UInt8]](repeating: [], count: partitionCount)
        for pair in sorted {
            parts[pair.key.withUnsafeBytes { partition(of: $0, count: partitionCount) }] += pair.line + [10]
        }
        return parts
    }

    /// Lines with everything in them that has broken a text tool before.
    static func awkward(byteCount: Int, seed: UInt64) -> [UInt8] {
        var random = SplitMix64(seed: seed)
        let pieces: [[UInt8]] = [
            [0], [13], [0xFF, 0xFE], [9], [9, 9], [10], [10], [10, 10], [13, 10], Array("key".utf8), Array("a".utf8),
            Array("12345678".utf8), [0xC3], [UInt8](repeating: 120, count: 3_000), Array("käse\t".utf8), [32],
        ]
        var bytes: [UInt8] = []
        while bytes.count < byteCount {
            bytes += pieces.randomElement(using: &random) ?? []
            if random.number(in: 0...20) == 0 { bytes.append(UInt8(random.number(in: 0...255))) }
        }
        return bytes
    }
}
