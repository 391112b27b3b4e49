import Master
import Model
import TestSupport
import Testing

@Suite("Planning splits")
struct SplitPlannerTests {
    private func files(_ byteCounts: [Int64]) -> [InputFile] {
        byteCounts.enumerated().map { index, byteCount in
            InputFile(path: [0x2f], name: Array("f\(index)".utf8), byteCount: byteCount, modifiedNanoseconds: 0)
        }
    }

    @Test("covers every byte of every file once, in order", arguments: UInt64(0)..<100)
    func coverage(seed: UInt64) {
        var random = Numbers(seed: seed)
        let files = files((0..<random.next(1...40)).map { _ in Int64(random.next(1...1 << random.next(1...31))) })
        let size = Int64(random.next(1 << 16...1 << 27))
        let splits = SplitPlanner(splitByteCountMax: size, isExact: random.next(0...1) == 1).splits(of: files)
        var reached = [Int64](repeating: 0, count: files.count)
        #expect(splits.joined().map(\.fileIndex) == splits.joined().map(\.fileIndex).sorted(), "seed \(seed)")
        for piece in splits.joined() {
            #expect(piece.offset == reached[piece.fileIndex], "seed \(seed)")
            #expect(piece.byteCount > 0, "seed \(seed)")
            reached[piece.fileIndex] += piece.byteCount
        }
        #expect(reached == files.map(\.byteCount), "seed \(seed)")
        #expect(splits.allSatisfy { $0.reduce(0) { $0 + $1.byteCount } <= size }, "seed \(seed)")
        #expect(splits.allSatisfy { !$0.isEmpty }, "seed \(seed)")
    }

    @Test("keeps exactly to a size that was asked for")
    func exact() {
        let splits = SplitPlanner(splitByteCountMax: 1_000_000, isExact: true).splits(of: files([2_500_000]))
        #expect(splits.map { $0.map(\.byteCount) } == [[1_000_000], [1_000_000], [500_000]])
    }

    @Test("packs thousands of small files into few tasks")
    func packing() {
        let splits = SplitPlanner(splitByteCountMax: 64 << 20, isExact: false)
            .splits(of: files([Int64](repeating: 2_048, count: 10_000)))
        #expect((16...32).contains(splits.count))
    }

    @Test("packs files until a task is worth handing out")
    func fewFiles() {
        let splits = SplitPlanner(splitByteCountMax: 64 << 20, isExact: false)
            .splits(of: files([863_164, 481_414, 65_350]))
        #expect(splits.map { $0.map(\.fileIndex) } == [[0], [1, 2]])
    }

    @Test("gives each file splits of its own where the application wants to know which one it reads")
    func unpacked() {
        let splits = SplitPlanner(splitByteCountMax: 64 << 20, isExact: false, packsFiles: false)
            .splits(of: files([10, 4 << 20, 10, 20]))
        #expect(splits.map { Set($0.map(\.fileIndex)) } == [[0], [1], [1], [1], [1], [2], [3]])
    }

    @Test("leaves files in their order where a large one comes between small ones")
    func mixedSizes() {
        let splits = SplitPlanner(splitByteCountMax: 64 << 20, isExact: false).splits(of: files([10, 4 << 20, 10, 10]))
        #expect(splits.joined().map(\.fileIndex) == [0, 1, 1, 1, 1, 2, 3])
    }

    @Test("cuts one big file so that several workers have work")
    func parallelism() {
        let splits = SplitPlanner(splitByteCountMax: 64 << 20, isExact: false).splits(of: files([64 << 20]))
        #expect(splits.count >= 16)
    }

    @Test("cuts the end of a large input finer, so that nobody waits long for the last task")
    func tail() {
        let splits = SplitPlanner(splitByteCountMax: 64 << 20, isExact: false)
            .splits(of: files([Int64](repeating: 64 << 20, count: 16)))
        let sizes = splits.map { $0.reduce(0) { $0 + $1.byteCount } }
        #expect(sizes.first == 64 << 20)
        #expect(sizes.last == 16 << 20)
    }

    @Test("makes no split of no files")
    func nothing() {
        #expect(SplitPlanner(splitByteCountMax: 1, isExact: false).splits(of: []).isEmpty)
    }
}

/// Seeded numbers in ranges.
private struct Numbers {
    private var state: SplitMix64
    init(seed: UInt64) { state = SplitMix64(seed: seed) }
    mutating func next(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &state) }
}
