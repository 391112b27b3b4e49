/// Text that may be compared, hashed, searched and be the key of a dictionary.
///
/// Swift puts combining characters in order before it does any of that, which takes time quadratic in how many stand in a
/// row: 30 000 of them, seconds; a million, hours. So whatever comes from outside is looked at here first, or stays bytes.
package enum StreamSafeText {
    /// Combining characters in a row: what Unicode's Stream-Safe Text Format allows (UAX 15, section 13).
    static let combiningRunMax = 30

    /// - Complexity: O(bytes); one look at each byte of ASCII.
    package static func isSafe(_ text: String) -> Bool {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return true }
        var run = 0
        for scalar in text.unicodeScalars {
            run = isCombining(scalar) ? run + 1 : 0
            if run > combiningRunMax { return false }
        }
        return true
    }

    /// The same text, but for combining characters that are too many in a row.
    package static func cut(_ text: String) -> String {
        if isSafe(text) { return text }
        var scalars = String.UnicodeScalarView()
        var run = 0
        for scalar in text.unicodeScalars {
            run = isCombining(scalar) ? run + 1 : 0
            if run <= combiningRunMax { scalars.append(scalar) }
        }
        return String(scalars)
    }

    private static func isCombining(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value >= 0x300 && scalar.properties.canonicalCombiningClass != .notReordered
    }
}
