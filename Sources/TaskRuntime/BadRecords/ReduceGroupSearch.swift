package import ApplicationAPI
package import Model

/// The search for the groups, keys with their values, on which a reduce attempt's program fails. They are merged anew for
/// each run of the program, and never kept in memory.
package struct ReduceGroupSearch {
    private let attempt: AttemptID
    private let sources: [SegmentSource]
    private let path: String
    private let memoryByteCount: Int
    private let openSegmentCountMax: Int
    private let form: PartForm
    private let control: TaskControl
    private let make: () throws -> any Application

    /// - Parameters:
    ///   - outputPath: As for the attempt; what lies there meanwhile is removed.
    ///   - make: Makes an application for each run of the program.
    package init(
        attempt: AttemptID, sources: [SegmentSource], outputPath: String, memoryByteCount: Int,
        openSegmentCountMax: Int = TaskLimits.openSegmentCountMax, form: PartForm = PartForm(), control: TaskControl,
        make: @escaping () throws -> any Application
    ) {
        self.attempt = attempt
        self.sources = sources
        path = outputPath
        self.memoryByteCount = memoryByteCount
        self.openSegmentCountMax = openSegmentCountMax
        self.form = form
        self.control = control
        self.make = make
    }

    /// What becomes of an attempt whose program ended with that error.
    /// - Throws: The error, with the group that it is about.
    package func resolve(_ error: any Error, ending: String, aim: BadRecordAim) throws -> AttemptResult {
        do {
            switch aim {
            case .name:
                guard let found = try find(ending: ending, .naming, foundMax: 1).first else { throw error }
                throw BadRecordError("\(try describe([found.range.lowerBound])[0].shown): \(error)")
            case .skip(let countMax): return try skipping(countMax, ending: ending)
            }
        } catch let trouble as BadRecordSearch.Trouble {
            throw BadRecordError("\(trouble.text(unit: "groups")); \(error)")
        }
    }

    private func skipping(_ countMax: Int, ending: String) throws -> AttemptResult {
        let found = try find(ending: ending, .skipping(countMax: countMax), foundMax: countMax + 1)
        let groups = try describe(found.map(\.range.lowerBound))
        guard found.count <= countMax else {
            let list = zip(groups, found).prefix(Self.shownMax).map { "\n  \($0.shown): it \($1.ending)" }.joined()
            throw BadRecordError(
                "the program fails on more than the \(countMax) records that --skip-bad-records lets the job leave out:\(list)",
                isFinal: true)
        }
        var result: AttemptResult
        do {
            result = try run(.output(GroupSelection(excluded: Set(found.map(\.range.lowerBound)))))
        } catch {
            throw BadRecordError("also without the \(found.count) groups on which it fails by themselves: \(error)")
        }
        result.skipped = zip(groups, found).map { group, found in
            SkippedRecord(
                place: .group(key: group.key, keyByteCount: group.keyByteCount, valueCount: group.valueCount),
                ending: found.ending)
        }
        result.counters.skippedRecords = Int64(found.count)
        return result
    }

    private static let shownMax = 20

    private func find(ending: String, _ bounds: SearchBounds, foundMax: Int) throws -> [BadRecordSearch.Found] {
        // A program that is at fault itself is not helped by leaving anything out.
        if try failure(in: 0..<0) != nil { throw BadRecordSearch.Trouble.withoutInput }
        let search = BadRecordSearch(
            middle: { $0.count > 1 ? $0.lowerBound + Int64($0.count / 2) : nil }, failure: failure,
            limits: bounds.limits(foundMax: foundMax))
        return try search.find(in: 0..<(try groupCount()), ending: ending)
    }

    /// Runs the program on the groups of a range, and drops what it writes.
    private func failure(in range: Range<Int64>) throws -> String? {
        do {
            _ = try run(.trial(GroupSelection(included: range)))
            return nil
        } catch {
            guard let ending = try (make() as? any ProgramRunner)?.programEnding(in: error) else { throw error }
            return ending
        }
    }

    private func run(_ use: GroupUse) throws -> AttemptResult {
        try runReduceTask(
            try make(), attempt: attempt, sources: sources, outputPath: path, memoryByteCount: memoryByteCount,
            openSegmentCountMax: openSegmentCountMax, form: form, control: control, use: use)
    }

    private func groupCount() throws -> Int64 {
        var count: Int64 = 0
        _ = try run(.look { stream in while try stream.nextGroup() { count += 1 } })
        return count
    }

    /// - Parameter indices: In order.
    private func describe(_ indices: [Int64]) throws -> [Group] {
        var groups: [Group] = []
        let runner = try make() as? any ProgramRunner
        _ = try run(
            .look { stream in
                var index: Int64 = 0
                while groups.count < indices.count, try stream.nextGroup() {
                    if index == indices[groups.count] {
                        let shown = runner?.shownKey(stream.key) ?? stream.key
                        let key = Array(shown.prefix(SkippedRecord.keyByteCountMax))
                        let keyByteCount = Int64(shown.count)
                        var valueCount: Int64 = 0
                        while stream.nextValue() != nil { valueCount += 1 }
                        groups.append(Group(key: key, keyByteCount: keyByteCount, valueCount: valueCount))
                    }
                    index += 1
                }
            })
        return groups
    }

    private struct Group {
        /// Its first bytes.
        let key: [UInt8]
        let keyByteCount: Int64
        let valueCount: Int64

        /// `key "a" with its 3 values`
        var shown: String { "key \"\(ShownText.of(key.prefix(100)))\" with its \(valueCount) values" }
    }
}
