/// Finds out on which parts of an input a program fails, by trying it on parts of it: halves, their halves, and so on.
///
/// Positions are whatever the caller counts in, bytes or groups. A range is tried only when it is not known how it would
/// end, so one bad record among *n* takes about log2 *n* tries, and each further one about twice as many.
struct BadRecordSearch {
    /// Where the range can be cut in two, with something on each side; nil when it holds one record.
    let middle: (Range<Int64>) throws -> Int64?
    /// How the program fails on just what is in the range; nil when it does not.
    let failure: (Range<Int64>) throws -> String?
    var limits = Limits()

    struct Limits {
        /// The search ends when it has found so many.
        var foundMax = Int.max
        var tryMax = Int.max
        /// Asked before each try.
        var isTimeOver: () -> Bool = { false }
    }

    struct Found: Hashable {
        /// It holds one record.
        let range: Range<Int64>
        let ending: String
    }

    /// Why it found no more.
    enum Trouble: Error, Hashable {
        /// It fails on nothing at all.
        case withoutInput
        /// It fails on the range, and on no single record of it.
        case onlyTogether(Range<Int64>)
        case tooManyTries(Int)
        case timeOver(tryCount: Int)
    }

    /// What is known of a range that has not been searched yet.
    private enum Knowledge {
        case fails(String)
        /// It must fail: what it is a part of does, and the other half does not.
        case mustFail(within: Range<Int64>)
        case nothing
    }

    /// - Parameters:
    ///   - range: The program fails on it.
    ///   - ending: How.
    /// - Returns: In their order.
    /// - Throws: ``Trouble``, or what the closures threw.
    func find(in range: Range<Int64>, ending: String) throws -> [Found] {
        var tries = Tries(limits: limits)
        var found: [Found] = []
        // The next one to search comes last.
        var open: [(range: Range<Int64>, known: Knowledge)] = [(range, .fails(ending))]
        while found.count < limits.foundMax, let (range, known) = open.popLast() {
            if case .nothing = known {
                if let ending = try tries.run(range, failure) { open.append((range, .fails(ending))) }
                continue
            }
            guard let middle = try self.middle(range) else {
                found.append(Found(range: range, ending: try self.ending(of: range, known, &tries)))
                continue
            }
            let (left, right) = (range.lowerBound..<middle, middle..<range.upperBound)
            if let ending = try tries.run(left, failure) {
                open.append((right, .nothing))
                open.append((left, .fails(ending)))
            } else {
                open.append((right, .mustFail(within: enclosing(range, known))))
            }
        }
        return found
    }

    /// How it fails on a single record: known, or to be seen now.
    private func ending(of single: Range<Int64>, _ known: Knowledge, _ tries: inout Tries) throws -> String {
        if case .fails(let ending) = known { return ending }
        guard let ending = try tries.run(single, failure) else {
            throw Trouble.onlyTogether(enclosing(single, known))
        }
        return ending
    }

    /// The smallest range that was seen to fail.
    private func enclosing(_ range: Range<Int64>, _ known: Knowledge) -> Range<Int64> {
        if case .mustFail(let outer) = known { outer } else { range }
    }

    private struct Tries {
        let limits: Limits
        var count = 0

        mutating func run(
            _ range: Range<Int64>, _ failure: (Range<Int64>) throws -> String?
        ) throws -> String? {
            guard count < limits.tryMax else { throw Trouble.tooManyTries(count) }
            guard !limits.isTimeOver() else { throw Trouble.timeOver(tryCount: count) }
            count += 1
            return try failure(range)
        }
    }
}
