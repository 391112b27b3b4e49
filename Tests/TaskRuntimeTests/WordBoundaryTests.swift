import ApplicationAPI
import Applications
import Model
import TaskRuntime
import Testing

/// Words that lie on the edges of what is treated at once: 64 bytes of text, 8 and 16 bytes of a word.
@Suite struct WordBoundaryTests {
    private func counts(_ text: [UInt8], memoryByteCount: Int = 1 << 20) throws -> [UInt8] {
        let files = [(name: bytes("f"), bytes: text)]
        let run = JobRun(memoryByteCount: memoryByteCount)
        return try run(try WordCount(options: ApplicationOptions()), files: files, splits: [wholePieces(files)]).parts[
            0]
    }

    @Test(
        "A word of any length at any place of two blocks is found",
        arguments: [1, 7, 8, 9, 15, 16, 17, 24, 63, 64, 65, 128, 200])
    func placed(length: Int) throws {
        let word = (0..<length).map { UInt8(ascii: "a") + UInt8($0 % 26) }
        for before in 0...66 {
            for after in [0, 60] {
                let text = [UInt8](repeating: 32, count: before) + word + [UInt8](repeating: 10, count: after)
                #expect(try counts(text) == word + bytes("\t1\n"), "\(before) bytes before, \(after) after")
            }
        }
    }

    @Test("Each of the six white space bytes separates words, and no other byte does")
    func separators() throws {
        for byte in UInt8.min...UInt8.max {
            let separates = byte == 32 || (9...13).contains(byte)
            let expected = separates ? bytes("a\t2\n") : [97, byte, 97] + bytes("\t1\n")
            #expect(try counts([97, byte, 97]) == expected, "byte \(byte)")
        }
    }

    @Test("Only ASCII letters belong to words of letters")
    func letters() throws {
        let application = try WordCount(options: ApplicationOptions(["letters": [], "lowercase": []]))
        for byte in UInt8.min...UInt8.max {
            let files = [(name: bytes("f"), bytes: [66, byte, 66])]
            let letter = (65...90).contains(byte) || (97...122).contains(byte)
            let expected = letter ? [98, byte | 32, 98] + bytes("\t1\n") : bytes("b\t2\n")
            let parts = try JobRun()(application, files: files, splits: [wholePieces(files)]).parts
            #expect(parts == [expected], "byte \(byte)")
        }
    }

    @Test("Words that differ only in trailing zero bytes are different words")
    func zeroBytes() throws {
        let text = [97, 32, 97, 0, 32, 97, 0, 0, 32, 0, 32, 0, 0, 10] as [UInt8]
        let expected: [UInt8] =
            [0, 9, 49, 10, 0, 0, 9, 49, 10, 97, 9, 49, 10, 97, 0, 9, 49, 10, 97, 0, 0, 9, 49, 10]
        #expect(try counts(text) == expected)
    }

    @Test("The walk over words finds the same words as a split", arguments: UInt64(0)..<50)
    func cursor(seed: UInt64) {
        var input = AwkwardInput(seed: seed)
        let text = input.content(500)
        let expected = text.split { $0 == 32 || (9...13).contains($0) }.map(Array.init)
        let found = text.withUnsafeBytes { text in
            var cursor = WordCursor(text)
            var words: [[UInt8]] = []
            while let word = cursor.next() { words.append([UInt8](word)) }
            return words
        }
        #expect(found == expected, "seed \(seed)")
    }

    @Test("A table that is emptied again and again counts every word", arguments: [1, 20_000, 50_000])
    func spilling(memoryByteCount: Int) throws {
        let words = (0..<3000).map { "word-\($0 % 1500) and-a-word-of-more-than-16-bytes-\($0 % 700)" }
        let text = bytes(words.joined(separator: " "))
        let files = [(name: bytes("f"), bytes: text)]
        let application = try WordCount(options: ApplicationOptions())
        let expected = try SequentialRun.parts(application, files: files, partitionCount: 1)[0]
        #expect(try counts(text, memoryByteCount: memoryByteCount) == expected)
    }
}
