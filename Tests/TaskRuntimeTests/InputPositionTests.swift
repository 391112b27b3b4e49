import Glibc
import Model
import TestSupport
import Testing

@testable import TaskRuntime

@Suite("Parts of a map task's input")
struct InputPositionTests {
    private let folder: TemporaryFolder
    private let control = TaskControl()

    init() throws { folder = try TemporaryFolder() }

    /// Files of short lines, some empty, some without a last LF; and pieces of them, cut anywhere.
    private func input(_ random: inout SplitMix64) -> MapInput {
        var files: [Int: InputFile] = [:]
        var pieces: [SplitPiece] = []
        for index in 0..<random.number(in: 1...4) {
            var text = ""
            for line in 0..<random.number(in: 0...12) {
                text += String(repeating: "x", count: random.number(in: 0...9)) + "\(index)-\(line)\n"
                if random.happens(0.2) { text += "\n" }
            }
            if random.happens(0.3), text.hasSuffix("\n") { text.removeLast() }
            folder.write("\(index)", text)
            var status = stat()
            precondition(stat("\(folder.path)/\(index)", &status) == 0)
            files[index] = InputFile(
                path: Array("\(folder.path)/\(index)".utf8), name: [], byteCount: Int64(status.st_size),
                modifiedNanoseconds: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec))
            let start = random.number(in: 0...Int(status.st_size))
            let end = random.number(in: start...Int(status.st_size))
            pieces.append(SplitPiece(fileIndex: index, offset: Int64(start), byteCount: Int64(end - start)))
        }
        return .local(pieces: pieces, files: files)
    }

    private func records(_ input: MapInput) throws -> [[UInt8]] {
        var records: [[UInt8]] = []
        try input.forEachPiece(format: .lines, control: control) { reader, _ in
            while let block = try reader.nextBlock() {
                records += block.split(separator: 10, omittingEmptySubsequences: false).map { [UInt8]($0) }
                if block.last == 10 { records.removeLast() }
            }
        }
        return records
    }

    /// Where the records begin: found by asking from left to right.
    private func positions(_ input: MapInput) throws -> [Int64] {
        var positions: [Int64] = []
        var start: Int64 = 0
        while let next = try input.firstRecord(in: start..<max(start, input.byteCount), control: control) {
            positions.append(next)
            start = next + 1
        }
        return positions
    }

    @Test("Cut at any position, both sides together have each record once", arguments: UInt64(0)..<60)
    func clipped(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let input = input(&random)
        let all = try records(input)
        #expect(try positions(input).count == all.count, "seed \(seed)")
        for cut in 0...input.byteCount {
            let left = try records(input.clipped(to: 0..<cut))
            let right = try records(input.clipped(to: cut..<input.byteCount))
            #expect(left + right == all, "seed \(seed), cut at \(cut)")
        }
    }

    @Test("Without some records the others are all there", arguments: UInt64(0)..<60)
    func without(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let input = input(&random)
        let (all, positions) = (try records(input), try positions(input))
        let left = positions.indices.filter { _ in random.happens(0.3) }
        let expected = all.indices.filter { !left.contains($0) }.map { all[$0] }
        #expect(try records(input.without(recordsAt: left.map { positions[$0] })) == expected, "seed \(seed)")
        #expect(input.without(recordsAt: []).first == input.first)
    }

    @Test("The middle is a record's beginning with records on both sides", arguments: UInt64(0)..<60)
    func middle(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let input = input(&random)
        let positions = try positions(input)
        for _ in 0..<30 {
            let start = Int64(random.number(in: 0...Int(input.byteCount)))
            let range = start..<Int64(random.number(in: Int(start)...Int(input.byteCount)))
            let own = positions.filter(range.contains)
            let middle = try input.middle(of: range, control: control)
            #expect((middle == nil) == (own.count < 2), "seed \(seed), \(range)")
            if let middle { #expect(own.dropFirst().contains(middle), "seed \(seed), \(range)") }
        }
    }

    @Test(
        "A record is described by its number in the split, its offset in the file and its length",
        arguments: UInt64(0)..<30)
    func described(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let input = input(&random)
        let all = try records(input)
        for (index, position) in try positions(input).enumerated() {
            let record = try input.describe(recordAt: position, control: control)
            #expect(record.number == Int64(index + 1), "seed \(seed)")
            let file = try FileInputSource(try #require(input.files[record.fileIndex]))
            defer { file.close() }
            var found = [UInt8](repeating: 0, count: Int(record.byteCount))
            let count = try found.withUnsafeMutableBytes { try file.read(into: $0, at: record.offset) }
            #expect(count == found.count, "seed \(seed)")
            #expect(found.prefix(all[index].count).elementsEqual(all[index]), "seed \(seed)")
            #expect(found.count == all[index].count || found.last == 10, "seed \(seed)")
        }
    }
}
