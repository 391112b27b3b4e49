import Glibc
import TestSupport
import Testing

@Suite("Long lines")
struct LongLineTests {
    /// Some lines longer than what is read at once, others longer than what is copied, most short.
    private static func lines(seed: UInt64) -> [UInt8] {
        var random = SplitMix64(seed: seed)
        var bytes: [UInt8] = []
        for _ in 0..<30 {
            let byteCount = [0, 3, 200_000, 700_000, 1_400_000].randomElement(using: &random) ?? 0
            let place = random.number(in: 0...max(1, byteCount))
            bytes += Array("k\(random.number(in: 0...4))".utf8) + [UInt8](repeating: 97, count: place) + [9]
            bytes += [UInt8](repeating: UInt8(random.number(in: 98...120)), count: byteCount - min(place, byteCount))
            bytes.append(10)
        }
        return random.next() % 2 == 0 ? bytes : Array(bytes.dropLast())
    }

    @Test(
        "pass as they are among short ones, in the order of the input, wherever splits are cut and whatever the budget",
        arguments: UInt64(1)...4)
    func anyLength(seed: UInt64) async throws {
        let input = Self.lines(seed: seed)
        let expected = SortedLines.parts(input, partitionCount: 2)
        for mapper in ["cat", nil] {
            for (split, memory) in [(1_000_003, 8 << 20), (Int.max, 128 << 20), (5_000_000, 200_000)] {
                let job = StreamingJob(
                    mapper: mapper, reducer: "cat", partitionCount: 2, splitByteCount: split, memoryByteCount: memory)
                // Compared as a whole: a difference would print megabytes.
                let isRight = try await job.run(input) == expected
                #expect(isRight, "mapper \(mapper ?? "none"), \(split), \(memory); seed \(seed)")
            }
        }
    }

    @Test("of a mapper's input end with one LF each")
    func ends() async throws {
        let long = String(repeating: "x", count: 1 << 20)
        for last in ["", "\n"] {
            #expect(try await StreamingJob(mapper: "wc -c").part("\(long)\n\(long)\(last)") == "2097154\t\n")
        }
    }

    @Test("are in memory once at a time from the mapper's input to the part")
    func oneCopy() async {
        await #expect(processExitsWith: .success) {
            let byteCount = 48 << 20
            let input = [UInt8](repeating: 120, count: byteCount) + [10]
            let memory = try PeakMemory()
            let part = try await StreamingJob(mapper: "cat", reducer: "cat", memoryByteCount: 16 << 20).run(input)[0]
            #expect(part.count == byteCount + 2)
            #expect(try memory.growth() < byteCount * 3 / 2)
        }
    }
}
