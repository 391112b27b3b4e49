/// What a case counts the words of, and what must come out.
struct TrialInput: Sendable {
    /// One file each, and so one map task each.
    let files: [[UInt8]]

    /// Words as the application wordcount has them: runs of bytes between ASCII white space.
    private static let whiteSpace: Set<UInt8> = [0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20]

    var counts: [[UInt8]: Int] {
        var counts: [[UInt8]: Int] = [:]
        for file in files {
            for word in file.split(whereSeparator: Self.whiteSpace.contains) { counts[Array(word), default: 0] += 1 }
        }
        return counts
    }

    /// Few words, unevenly spread; one of them is most of it.
    static let words = TrialInput(files: [
        lines(["the quick brown fox", "jumps over the lazy dog", "the end"]),
        lines(["the", "", "  the\tdog \r", "fox the"]) + Array("the last line without an end".utf8),
        lines(Array(repeating: "the the the the the the the the the dog", count: 200)),
    ])

    static let cases = TrialInput(files: [lines(["To be OR NOT", "to BE or not"])])
    static let lowercased = TrialInput(files: [lines(["to be or not", "to be or not"])])

    static let nothing = TrialInput(files: [lines(["", "   ", "\t"])])

    /// Keys with every byte that is no white space, valid UTF-8 or not.
    static let oddBytes: TrialInput = {
        let whole = (0...255).map { UInt8($0) }.filter { !whiteSpace.contains($0) }
        var alone: [UInt8] = []
        for byte in whole { alone += [byte, 0x20, 0x78, byte, 0x0A] }
        let markup = lines(["<word>&amp;]]>", "]]>", "<!--", "&", "\"'", "%00", "\\x00", "\\n"])
        let halves: [UInt8] = [
            0xC3, 0x20, 0xED, 0xA0, 0x80, 0x20, 0xEF, 0xBB, 0xBF, 0x20, 0xF4, 0x90, 0x80, 0x80, 0x0D, 0x0A,
        ]
        return TrialInput(files: [alone, markup + halves + lines(["naïve Ω 白"]), whole + [0x0A] + whole])
    }()

    static let hugeKeyByteCount = 1 << 20

    static let hugeKey = TrialInput(files: [
        lines(["a b"]) + Array(repeating: UInt8(ascii: "k"), count: hugeKeyByteCount) + lines([" b", "c"]),
        Array(repeating: UInt8(ascii: "k"), count: hugeKeyByteCount),
    ])

    private static func lines(_ texts: [String]) -> [UInt8] { Array(texts.map { $0 + "\n" }.joined().utf8) }
}
