/// The words of a command line that is nothing but a program and its arguments.
///
/// Blanks part words; single and double quotes keep them together. Whatever else a shell makes something of, as `$`, `;`, `|`
/// or `*`, is not cut but refused: what the shell would come to is not to be guessed.
struct CommandWords {
    private var words: [[UInt8]] = []
    /// nil between two words.
    private var word: [UInt8]?
    private var quote: UInt8?

    /// nil where a shell would do more with the command than to cut it into words.
    static func of(_ command: [UInt8]) -> [[UInt8]]? {
        var cutter = CommandWords()
        for byte in command { guard cutter.take(byte) else { return nil } }
        guard cutter.quote == nil else { return nil }
        cutter.endWord()
        // Before a program's name it would be a variable.
        guard let first = cutter.words.first, !first.contains(UInt8(ascii: "=")) else { return nil }
        return cutter.words
    }

    private static let singleQuote = UInt8(ascii: "'")
    private static let doubleQuote = UInt8(ascii: "\"")
    private static let special = Set("|&;<>()$`\\*?[\n".utf8)
    private static let specialInQuotes = Set("$`\\".utf8)
    private static let specialAtBeginning = Set("#~".utf8)

    /// - Returns: Whether it is no more than a part of a word, or what ends one.
    private mutating func take(_ byte: UInt8) -> Bool {
        if let quote { return takeQuoted(byte, by: quote) }
        switch byte {
        case Self.singleQuote, Self.doubleQuote:
            quote = byte
            word = word ?? []
        case UInt8(ascii: " "), UInt8(ascii: "\t"): endWord()
        default:
            let isPlain = word != nil || !Self.specialAtBeginning.contains(byte)
            guard isPlain, !Self.special.contains(byte) else { return false }
            word = (word ?? []) + [byte]
        }
        return true
    }

    private mutating func takeQuoted(_ byte: UInt8, by open: UInt8) -> Bool {
        if byte == open {
            quote = nil
        } else if open == Self.doubleQuote, Self.specialInQuotes.contains(byte) {
            return false
        } else {
            word?.append(byte)
        }
        return true
    }

    private mutating func endWord() {
        if let word { words.append(word) }
        word = nil
    }
}
