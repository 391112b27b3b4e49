import ApplicationAPI
import CDataPath

/// The last words of a line, one after the other with a space between.
final class WordWindow {
    private let wordCountMax: Int
    private var memory: UnsafeMutableRawBufferPointer
    /// Where the last words begin; the word with number i is at `i % wordCountMax`.
    private let starts: UnsafeMutablePointer<Int>
    private var wordCount = 0
    private var end = 0

    private static let byteCountFirst = 64 << 10

    /// - Parameter wordCountMax: n, 1 or more.
    init(wordCountMax: Int) {
        self.wordCountMax = wordCountMax
        memory = .allocate(byteCount: Self.byteCountFirst, alignment: 16)
        starts = .allocate(capacity: wordCountMax)
    }

    deinit {
        memory.deallocate()
        starts.deallocate()
    }

    func removeAll() {
        wordCount = 0
        end = 0
    }

    /// - Returns: The last n words, valid until the next call; nil as long as there are fewer.
    func append(_ word: Bytes, lowercase: Bool) -> Bytes? {
        if memory.count - end < word.count + 1 { makeRoom(for: word.count + 1) }
        if end > 0 {
            memory[end] = UInt8(ascii: " ")
            end += 1
        }
        starts[wordCount % wordCountMax] = end
        copy(word, lowercase: lowercase)
        end += word.count
        wordCount += 1
        guard wordCount >= wordCountMax else { return nil }
        return Bytes(rebasing: memory[starts[wordCount % wordCountMax]..<end])
    }

    private func copy(_ word: Bytes, lowercase: Bool) {
        guard let from = word.baseAddress, let to = memory.baseAddress else { return }
        if lowercase {
            mr_copy_lowercased(
                (to + end).assumingMemoryBound(to: UInt8.self), from.assumingMemoryBound(to: UInt8.self), word.count)
        } else {
            memcpy(to + end, from, word.count)
        }
    }

    /// Forgets what no further word needs, and takes more memory if that is not enough.
    @inline(never)
    private func makeRoom(for byteCount: Int) {
        let keptCount = min(wordCount, wordCountMax - 1)
        let keptStart = keptCount == 0 ? end : starts[(wordCount - keptCount) % wordCountMax]
        for number in (wordCount - keptCount)..<wordCount { starts[number % wordCountMax] -= keptStart }
        let kept = Bytes(rebasing: memory[keptStart..<end])
        end -= keptStart
        guard memory.count - end < byteCount else { return memory.copyMemory(from: kept) }
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: max(2 * memory.count, end + byteCount), alignment: 16)
        larger.copyMemory(from: kept)
        memory.deallocate()
        memory = larger
    }
}
