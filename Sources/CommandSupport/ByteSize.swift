/// A number of bytes as people write it: `1000`, `64K`, `64KiB`, `2G`, always in powers of 1024.
package struct ByteSize: Hashable, Sendable, CustomStringConvertible {
    package let byteCount: Int64

    package init(byteCount: Int64) { self.byteCount = byteCount }

    private static let units: [(suffix: String, shift: Int64)] = [
        ("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10), ("T", 40), ("G", 30), ("M", 20), ("K", 10), ("B", 0),
    ]

    /// nil for anything else, and for more than 2^62 bytes.
    package init?(_ text: String) {
        var digits = Substring(text)
        var shift: Int64 = 0
        for unit in Self.units where text.hasSuffix(unit.suffix) {
            digits = text.dropLast(unit.suffix.count)
            shift = unit.shift
            break
        }
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(digits),
            number <= (1 << 62) >> shift
        else { return nil }
        byteCount = number << shift
    }

    package var description: String {
        for (suffix, shift) in Self.units.prefix(4) where byteCount >= 1 << shift && byteCount % (1 << shift) == 0 {
            return "\(byteCount >> shift)\(suffix)"
        }
        return "\(byteCount)"
    }
}
