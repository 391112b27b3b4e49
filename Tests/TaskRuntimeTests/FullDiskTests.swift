import ApplicationAPI
import Testing

@Suite("An output that cannot be spilled")
struct FullDiskTests {
    private struct DiskFull: Error {}

    @Test("is not spilled again for each word that waits", arguments: [1, 5_000, 200_000])
    func distinctWords(wordCount: Int) {
        var spillCount = 0
        let output = MapOutput(aggregation: .none, memoryByteCount: 200_000) { _ in
            spillCount += 1
            throw DiskFull()
        }
        let text = bytes((0..<wordCount).map { "word\($0) " }.joined())
        text.withUnsafeBytes { text in
            bytes("file").withUnsafeBytes { output.emitDistinctWords(in: text, value: $0) }
        }
        output.emitKeptWords()
        #expect(spillCount <= 1)
        if spillCount == 1 { #expect(throws: DiskFull.self) { try output.check() } }
    }
}
