/// A span of time as people write it: `90s`, `30m`, `12h`, `7d`.
package enum Lifetime {
    private static let units: [(suffix: String, seconds: Int64)] = [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)]
    private static let daysMax: Int64 = 366

    /// - Returns: Seconds, from 1 to a year's.
    package static func seconds(_ text: String, option: String) throws(ProgramFailure) -> Int64 {
        let factor = units.first { text.hasSuffix($0.suffix) }?.seconds ?? 0
        let digits = text.dropLast()
        guard factor > 0, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(digits),
            number > 0,
            number <= daysMax * 86_400 / factor
        else {
            throw .wrongUsage(
                "\(option) '\(text)' is not a time; write it like 90s, 30m, 12h or 7d, up to \(daysMax)d")
        }
        return number * factor
    }
}
