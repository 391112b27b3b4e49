import Foundation
import Journal
import TestSupport
import Testing

@Suite("A full disk", .enabled(if: Machine.canMount, "needs root and the right to mount a tmpfs"))
struct DiskFullTests {
    private let disk: SmallDisk
    private var path: String { disk.path + "/journal" }

    init() throws { disk = try SmallDisk(byteCount: 6 << 20) }

    @Test(
        "What does not fit is refused, nothing is lost, and it goes on when there is room",
        arguments: [50, 3_000, 40_000])
    func append(byteCount: Int) throws {
        let (journal, _) = try Journal.open(path: path)
        try journal.begin(header: NumberedBytes.make(0, byteCount: 100))
        var last = 0
        for round in 1...3 {
            try disk.fill(leaving: 300_000)
            #expect(throws: JournalError.full(path: path), "round \(round)") {
                while true {
                    try journal.append(NumberedBytes.make(last + 1, byteCount: max(8, byteCount)))
                    last += 1
                }
            }
            #expect(throws: JournalError.full(path: path)) { try journal.append([UInt8](repeating: 1, count: 400_000)) }
            try #expect(StoredNumbers(JournalCopy(of: path).contents(in: TemporaryFolder()))?.last == last)
            disk.free()
            for _ in 0..<3 {
                last += 1
                try journal.append(NumberedBytes.make(last, byteCount: max(8, byteCount)))
            }
            try journal.checkpoint(NumberedBytes.make(last, byteCount: 1_000))
        }
        journal.close()
        #expect(try StoredNumbers(Journal.open(path: path).contents)?.last == last)
    }

    @Test("A checkpoint that does not fit leaves batches and snapshot as they were, and works when there is room")
    func checkpoint() throws {
        let (journal, _) = try Journal.open(path: path)
        try journal.begin(header: NumberedBytes.make(0, byteCount: 100))
        try journal.append(NumberedBytes.make(1, byteCount: 1_000))
        try disk.fill(leaving: 100_000)
        let snapshot = NumberedBytes.make(1, byteCount: 1_000_000)
        #expect(throws: JournalError.full(path: path)) { try journal.checkpoint(snapshot) }
        #expect(journal.tailByteCount == 1_000)
        let stored = try JournalCopy(of: path).contents(in: TemporaryFolder())
        #expect(stored.snapshot == nil && StoredNumbers(stored)?.last == 1)
        disk.free()
        try journal.checkpoint(snapshot)
        #expect(journal.tailByteCount == 0)
        journal.close()
        #expect(try Journal.open(path: path).contents.snapshot == snapshot)
    }

    @Test("A journal that can't begin leaves none, and begins when there is room", arguments: [0, 4_096, 9_000])
    func begin(free: Int) throws {
        let (journal, _) = try Journal.open(path: path)
        try disk.fill(leaving: free)
        #expect(throws: JournalError.full(path: path)) {
            try journal.begin(header: [UInt8](repeating: 1, count: 20_000))
        }
        #expect(!Journal.exists(path: path))
        disk.free()
        try journal.begin(header: [1])
        try journal.append([2])
        journal.close()
        #expect(try Journal.open(path: path).contents.batches == [[2]])
    }

    @Test("A journal with a log can be read on a full disk, and stores again when there is room")
    func openFull() throws {
        let (journal, _) = try Journal.open(path: path)
        try journal.begin(header: NumberedBytes.make(0, byteCount: 100))
        for number in 1...20 { try journal.append(NumberedBytes.make(number, byteCount: 50_000)) }
        let copy = try JournalCopy(of: path)
        try journal.remove()
        for (suffix, bytes) in copy.files { try Data(bytes).write(to: URL(fileURLWithPath: path + suffix)) }
        try disk.fill(leaving: 20_000)
        let (second, contents) = try Journal.open(path: path)
        #expect(StoredNumbers(contents)?.last == 20)
        #expect(throws: JournalError.full(path: path)) { try second.append(NumberedBytes.make(21, byteCount: 100)) }
        disk.free()
        try second.append(NumberedBytes.make(21, byteCount: 100))
        second.close()
        #expect(try StoredNumbers(Journal.open(path: path).contents)?.last == 21)
    }
}
