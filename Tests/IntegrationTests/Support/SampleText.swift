import TestSupport

/// Text made up from a seed: words of uneven frequency, lines of uneven length, some UTF-8.
struct SampleText {
    private var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    static func lines(_ count: Int, seed: UInt64) -> String {
        var text = SampleText(seed: seed)
        return (0..<count).map { _ in text.line() + "\n" }.joined()
    }

    private static let syllables = ["ka", "lo", "mi", "Tu", "né", "sha", "or", "白", "x", "ing", "the", "Ω"]

    private mutating func line() -> String {
        let count = Int(random.next() % 12)
        return (0..<count).map { _ in word() }.joined(separator: count % 5 == 0 ? "\t" : " ")
    }

    private mutating func word() -> String {
        // The product of two draws: small numbers, and so some words, come far more often than others.
        let rank = Int(random.next() % 40 * (random.next() % 40))
        let first = Self.syllables[rank % Self.syllables.count]
        return first + Self.syllables[rank / 7 % Self.syllables.count] + (rank % 3 == 0 ? "" : String(rank % 11))
    }
}
