import Center
import DataProtocol
import Model

extension ComputationRecord: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(computation)
        writer.write(number)
        writer.write(attemptsBefore)
        writer.write(losses)
        switch phase {
        case .waiting(let missingCount):
            writer.write(tag: 1)
            writer.write(missingCount)
        case .ready(let ticket):
            writer.write(tag: 2)
            writer.write(bits: ticket)
        case .running(let number, let address, let cost):
            writer.write(tag: 3)
            writer.write(number)
            writer.write(address)
            writer.write(cost)
        case .resting: writer.write(tag: 4)
        case .completed: writer.write(tag: 5)
        case .failed(let message):
            writer.write(tag: 6)
            writer.write(message)
        case .cancelled: writer.write(tag: 7)
        }
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        computation = try reader.value()
        number = try reader.int()
        attemptsBefore = try reader.int()
        losses = try reader.int()
        switch try reader.byte() {
        case 1: phase = .waiting(missingCount: try reader.int())
        case 2: phase = .ready(try reader.bits())
        case 3:
            let number = try reader.int()
            let address = try reader.text()
            phase = .running(number: number, address: address, cost: try reader.int64())
        case 4: phase = .resting
        case 5: phase = .completed
        case 6: phase = .failed(message: try reader.text())
        case 7: phase = .cancelled
        case let other: throw reader.error("no computation stands at \(other)")
        }
    }
}

extension ComputationTable: Recorded {
    func record(in writer: inout RecordWriter) {
        writer.write(center.workers.values.sorted { $0.profile.address < $1.profile.address }) { writer, worker in
            writer.write(worker.profile)
            writer.write(worker.lastHeard.sinceStart)
            writer.write(
                worker.keys.sorted().map {
                    HeldObject(key: $0, byteCount: center.byteCount(of: $0) ?? 0, digest: digests[$0])
                })
        }
        writer.write(records.values.sorted { $0.number < $1.number })
        for line in [line, urgentLine] { line.record(in: &writer) { $0.write($1) } }
        writer.write(bits: ticketNewest)
        writer.write(numberNewest)
        writer.write(attemptNewest)
        writer.write(durations.sorted { $0.key < $1.key }) {
            $0.write($1.key)
            $0.write($1.value)
        }
        for times in [lostSince, resting] {
            writer.write(times.sorted { $0.key < $1.key }) {
                $0.write($1.key)
                $0.write($1.value)
            }
        }
        writer.write(doomed.sorted())
        for sets in [absent, owed] {
            writer.write(sets.sorted { $0.key < $1.key }) {
                $0.write($1.key)
                $0.write($1.value.sorted())
            }
        }
    }

    init(from reader: inout RecordReader) throws(RecordError) {
        self.init()
        try readCenter(from: &reader)
        for record in try reader.list(of: ComputationRecord.self) { take(record) }
        line = try WaitingLine(from: &reader) { reader throws(RecordError) in try reader.key() }
        urgentLine = try WaitingLine(from: &reader) { reader throws(RecordError) in try reader.key() }
        ticketNewest = try reader.bits()
        numberNewest = try reader.int()
        attemptNewest = try reader.int()
        let durations = try reader.list { reader throws(RecordError) in
            let name = try reader.text()
            return (name, try reader.int64())
        }
        self.durations = Dictionary(durations) { first, _ in first }
        lostSince = try Self.times(from: &reader)
        resting = try Self.times(from: &reader)
        doomed = Set(try reader.keys())
        absent = try Self.sets(from: &reader)
        owed = try Self.sets(from: &reader)
    }

    private mutating func readCenter(from reader: inout RecordReader) throws(RecordError) {
        let workers = try reader.list { reader throws(RecordError) in
            let profile = try reader.value(CenterProfile.self)
            let lastHeard = CenterTime(try reader.duration())
            return (profile, lastHeard, try reader.list(of: HeldObject.self))
        }
        for (profile, lastHeard, objects) in workers {
            do throws(CenterError) {
                _ = try center.register(profile, at: lastHeard)
                try center.add(objects.map { (key: $0.key, byteCount: $0.byteCount) }, at: profile.address)
            } catch {
                throw reader.error("\(error)")
            }
            for object in objects { if let digest = object.digest { digests[object.key] = digest } }
            loads[profile.address] = WorkerLoad()
        }
    }

    /// What follows from the record by itself is not written down.
    private mutating func take(_ record: ComputationRecord) {
        let key = record.computation.key
        records[key] = record
        argumentByteCount += record.computation.arguments.count
        for input in record.computation.inputs {
            dependents[input, default: []].insert(key)
            if !record.isOver { openDependentCounts[input, default: 0] += 1 }
        }
        guard case .running(let number, let address, let cost) = record.phase else { return }
        loads[address]?.attempts[key] = number
        loads[address]?.cost += cost
    }

    private static func sets(from reader: inout RecordReader) throws(RecordError) -> [String: Set<ObjectKey>] {
        let all = try reader.list { reader throws(RecordError) in
            let name = try reader.text()
            return (name, Set(try reader.keys()))
        }
        return Dictionary(all) { first, _ in first }
    }

    private static func times(from reader: inout RecordReader) throws(RecordError) -> [ObjectKey: JobTime] {
        let all = try reader.list { reader throws(RecordError) in
            let key = try reader.key()
            return (key, try reader.value(JobTime.self))
        }
        return Dictionary(all) { first, _ in first }
    }
}
