package import ApplicationAPI
package import Model

/// The search for the records on which a map attempt's program fails.
package struct MapRecordSearch {
    private let input: MapInput
    private let attempt: AttemptID
    private let control: TaskControl
    private let make: () throws -> any Application

    /// - Parameter make: Makes an application for each run of the program.
    package init(
        input: MapInput, attempt: AttemptID, control: TaskControl, make: @escaping () throws -> any Application
    ) {
        self.input = input
        self.attempt = attempt
        self.control = control
        self.make = make
    }

    /// What becomes of an attempt whose program ended with that error.
    ///
    /// - Parameters:
    ///   - run: Runs the attempt on some of its input, for its output.
    /// - Throws: The error, with the record that it is about.
    package func resolve(
        _ error: any Error, ending: String, aim: BadRecordAim, run: (MapInput) throws -> AttemptResult
    ) throws -> AttemptResult {
        do {
            switch aim {
            case .name: throw try named(error, ending: ending)
            case .skip(let countMax): return try skipping(countMax, ending: ending, run: run)
            }
        } catch let trouble as BadRecordSearch.Trouble {
            throw BadRecordError("\(trouble.text(unit: "bytes")); \(error)")
        }
    }

    private func named(_ error: any Error, ending: String) throws -> BadRecordError {
        guard let found = try find(ending: ending, .naming, foundMax: 1).first else {
            return BadRecordError("\(error)")
        }
        return BadRecordError("\(shown(try describe(found))): \(error)")
    }

    private func skipping(
        _ countMax: Int, ending: String, run: (MapInput) throws -> AttemptResult
    ) throws -> AttemptResult {
        let found = try find(ending: ending, .skipping(countMax: countMax), foundMax: countMax + 1)
        let records = try found.map { (record: try describe($0), ending: $0.ending) }
        guard found.count <= countMax else {
            let list = records.prefix(Self.shownMax).map { "\n  \(shown($0.record)): it \($0.ending)" }.joined()
            throw BadRecordError(
                "the program fails on more than the \(countMax) records that --skip-bad-records lets the job leave out:\(list)",
                isFinal: true)
        }
        var result: AttemptResult
        do {
            result = try run(input.without(recordsAt: try found.map(position)))
        } catch {
            throw BadRecordError("also without the \(found.count) records on which it fails by themselves: \(error)")
        }
        result.skipped = records.map { record, ending in
            SkippedRecord(
                place: .record(fileIndex: record.fileIndex, offset: record.offset, byteCount: record.byteCount),
                ending: ending)
        }
        result.counters.skippedRecords = Int64(found.count)
        return result
    }

    private static let shownMax = 20

    private func find(
        ending: String, _ bounds: SearchBounds, foundMax: Int
    ) throws -> [BadRecordSearch.Found] {
        // A program that is at fault itself is not helped by leaving anything out.
        if try failure(in: 0..<0) != nil { throw BadRecordSearch.Trouble.withoutInput }
        let search = BadRecordSearch(
            middle: { try input.middle(of: $0, control: control) }, failure: { try failure(in: $0) },
            limits: bounds.limits(foundMax: foundMax))
        return try search.find(in: 0..<input.byteCount, ending: ending)
    }

    /// Runs the program on the records of a range, and drops what it writes.
    private func failure(in range: Range<Int64>) throws -> String? {
        let application = try make()
        let output = MapOutput(aggregation: application.aggregation) { _, _, _ in }
        do {
            // A reduce attempt's number where there is no reduce step; it reads records all the same.
            try application.beginTask(
                TaskContext(attempt, step: .map, input: input.first, control: control, isTrial: true))
            _ = try mapRecords(application, input.clipped(to: range), control: control) { block in
                try application.mapBlock(block, to: output)
                try output.check()
            }
            try application.finishMap(to: output)
            try output.check()
            return nil
        } catch {
            guard let ending = (application as? any ProgramRunner)?.programEnding(in: error) else { throw error }
            return ending
        }
    }

    /// A range may begin behind the end of the record before.
    private func position(of found: BadRecordSearch.Found) throws -> Int64 {
        try input.firstRecord(in: found.range, control: control) ?? found.range.lowerBound
    }

    private func describe(_ found: BadRecordSearch.Found) throws -> InputRecord {
        try input.describe(recordAt: try position(of: found), control: control)
    }

    /// `record 17 of the split, byte 512 of input/a.txt, 12 bytes`
    private func shown(_ record: InputRecord) -> String {
        let name = input.files[record.fileIndex].map { ShownText.of($0.name) } ?? "?"
        return "record \(record.number) of the split, byte \(record.offset) of \(name), \(record.byteCount) bytes"
    }
}
