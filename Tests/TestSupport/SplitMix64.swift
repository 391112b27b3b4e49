/// A small generator whose whole state is its seed, so that a failing seed replays.
///
/// Source: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators" (OOPSLA 2014).
package struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

extension SplitMix64 {
    /// True once in `1 / probability` times.
    package mutating func happens(_ probability: Double) -> Bool {
        Double(next() >> 11) < probability * Double(UInt64(1) << 53)
    }

    package mutating func number(in range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

    package mutating func milliseconds(in range: ClosedRange<Int>) -> Duration { .milliseconds(number(in: range)) }
}

extension Collection {
    package func randomElement(using random: inout SplitMix64, or fallback: Element) -> Element {
        randomElement(using: &random) ?? fallback
    }
}
