import Model
import Testing

@testable import Coordinator

/// Who is known, by numbers that are never given out again.
@Suite struct WorkerTableTests {
    private static func record(_ name: String) -> WorkerRecord {
        WorkerRecord(
            profile: WorkerProfile(name: name, slots: 1, applications: []), applications: [], lastHeard: .zero)
    }

    @Test(
        "Whoever joins and leaves a hundred thousand times leaves nothing behind, and those who stay keep their numbers"
    )
    func leaving() {
        var table = WorkerTable()
        let first = table.append(Self.record("first"))
        var kept: [WorkerID] = [first]
        for number in 2...100_000 {
            let id = table.append(Self.record("\(number)"))
            #expect(id.number == number)
            if number % 20_000 == 0 { kept.append(id) } else { table.remove(id) }
        }
        #expect(table.ids == kept && table.count == kept.count && table.all.map(\.id) == kept)
        #expect(kept.map { table[$0]?.profile.name } == ["first", "20000", "40000", "60000", "80000", "100000"])
        for id in kept {
            #expect(table.contains(id) && !table.contains(WorkerID(number: id.number + 1)))
            table[known: id].lastHeard = JobTime.zero + .seconds(id.number)
        }
        #expect(kept.map { table[known: $0].lastHeard } == kept.map { JobTime.zero + .seconds($0.number) })
        // 288 bytes for each that left would be 28 MB.
        #expect(table.placeCount < 600)
        #expect(table.append(Self.record("next")).number == 100_001)
    }

    @Test("What is written is read back, whoever has left")
    func recorded() throws {
        var table = WorkerTable()
        for number in 1...700 {
            let id = table.append(Self.record("\(number)"))
            if number % 3 > 0 { table.remove(id) }
        }
        var writer = RecordWriter()
        table.record(in: &writer)
        var reader = RecordReader(writer.bytes)
        let read = try WorkerTable(from: &reader)
        #expect(read == table && read.ids == table.ids)
        table.remove(WorkerID(number: 699))
        #expect(read != table)
    }
}
