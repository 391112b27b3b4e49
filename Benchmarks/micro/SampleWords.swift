/// Text made up from a fixed seed, the same on every machine.
struct SampleWords {
    private var state: UInt64 = 0x5EED

    /// Words of 3 to 12 letters, small numbers far more often than large ones, ten to a line.
    static func text(byteCount: Int, distinctCount: UInt64) -> [UInt8] {
        var random = SampleWords()
        var text: [UInt8] = []
        text.reserveCapacity(byteCount + 16)
        var wordCount = 0
        while text.count < byteCount {
            // The product of two draws: uneven, as words are.
            var number = random.next() % distinctCount * (random.next() % distinctCount) / distinctCount
            repeat {
                text.append(UInt8(ascii: "a") + UInt8(number % 26))
                number /= 26
            } while number > 0
            text += Array("ing".utf8.prefix(Int(random.next() % 4)))
            wordCount += 1
            text.append(wordCount % 10 == 0 ? UInt8(ascii: "\n") : UInt8(ascii: " "))
        }
        return text
    }

    /// Lines of 100 bytes that begin with ten random ones.
    static func records(count: Int) -> [UInt8] {
        var random = SampleWords()
        var text = [UInt8](repeating: UInt8(ascii: "x"), count: 100 * count)
        for record in 0..<count {
            for place in 0..<10 { text[100 * record + place] = UInt8(ascii: " ") + UInt8(random.next() % 95) }
            text[100 * record + 99] = UInt8(ascii: "\n")
        }
        return text
    }

    /// Source: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators" (OOPSLA 2014).
    private mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
