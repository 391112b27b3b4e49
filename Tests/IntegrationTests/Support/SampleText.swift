/// Text made up from a seed: words of uneven frequency, lines of uneven length, some UTF-8.
struct SampleText {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    static func lines(_ count: Int, seed: UInt64) -> String {
        var text = SampleText(seed: seed)
        return (0..<count).map { _ in text.line() + "\n" }.joined()
    }

    private static let syllables = ["ka", "lo", "mi", "Tu", "né", "sha", "or", "白", "x", "ing", "the", "Ω"]

    private mutating func line() -> String {
        let count = Int(next() % 12)
        return (0..<count).map { _ in word() }.joined(separator: count % 5 == 0 ? "\t" : " ")
    }

    private mutating func word() -> String {
        // The product of two draws: small numbers, and so some words, come far more often than others.
        let rank = Int(next() % 40 * (next() % 40))
        let first = Self.syllables[rank % Self.syllables.count]
        return first + Self.syllables[rank / 7 % Self.syllables.count] + (rank % 3 == 0 ? "" : String(rank % 11))
    }

    /// SplitMix64.
    private mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
