import TestSupport
import Testing

@testable import TaskRuntime

@Suite("The search for bad records")
struct BadRecordSearchTests {
    private typealias Trouble = BadRecordSearch.Trouble

    /// Counts tries, and checks that no range is tried twice.
    private final class Program {
        let fails: (Range<Int64>) -> Bool
        var tried: [Range<Int64>] = []

        init(fails: @escaping (Range<Int64>) -> Bool) { self.fails = fails }

        func find(
            _ count: Int64, _ limits: BadRecordSearch.Limits = .init()
        ) throws -> [BadRecordSearch.Found] {
            try BadRecordSearch(
                middle: { $0.count > 1 ? $0.lowerBound + Int64($0.count / 2) : nil },
                failure: { range in
                    self.tried.append(range)
                    return self.fails(range) ? "failed on \(range)" : nil
                }, limits: limits
            ).find(in: 0..<count, ending: "failed on all")
        }
    }

    private func log2(_ count: Int64) -> Int { Int64.bitWidth - max(0, count - 1).leadingZeroBitCount }

    @Test("It finds exactly the bad ones, in order, in about 2 log2 n tries for each", arguments: UInt64(0)..<300)
    func exact(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let count = Int64(random.number(in: 1...(random.happens(0.3) ? 1_000_000 : 40)))
        let badCount = random.number(in: 1...6)
        let bad = Set((0..<badCount).map { _ in Int64(random.number(in: 0...Int(count - 1))) }).sorted()
        let program = Program { range in bad.contains(where: range.contains) }
        let found = try program.find(count)
        #expect(found.map(\.range.lowerBound) == bad, "seed \(seed)")
        #expect(found.allSatisfy { $0.range.count == 1 }, "seed \(seed)")
        #expect(program.tried.count <= 1 + bad.count * (2 * log2(count) + 1), "seed \(seed)")
        #expect(Set(program.tried).count == program.tried.count, "seed \(seed): no range is tried twice")
    }

    @Test("To name one takes at most log2 n tries and one more, and it is the first", arguments: UInt64(0)..<100)
    func first(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let count = Int64(random.number(in: 1...2_000_000))
        let bad = (0..<random.number(in: 1...9)).map { _ in Int64(random.number(in: 0...Int(count - 1))) }.sorted()
        let program = Program { range in bad.contains(where: range.contains) }
        let found = try program.find(count, .init(foundMax: 1))
        #expect(found.map(\.range.lowerBound) == [bad[0]], "seed \(seed)")
        #expect(program.tried.count <= log2(count) + 1, "seed \(seed): \(program.tried.count) tries for \(count)")
    }

    @Test(
        "Records that fail only together are an error that names the range which was seen to fail",
        arguments: [1, 7, 99])
    func together(partner: Int64) {
        let program = Program { $0.contains(0) && $0.contains(partner) }
        let error = #expect(throws: Trouble.self) { try program.find(100) }
        guard case .onlyTogether(let range)? = error else {
            return #expect(Bool(false), "\(String(describing: error))")
        }
        #expect(program.fails(range))
    }

    @Test("A record that fails by itself is found although another one fails only in company")
    func mixed() throws {
        let program = Program { $0.contains(3) || ($0.contains(10) && $0.contains(90)) }
        #expect(try program.find(100).map(\.range) == [3..<4], "the halves are tried without each other")
    }

    @Test("It ends with the tries and the time that it has")
    func limits() {
        let program = Program { $0.contains(77) }
        #expect(throws: Trouble.tooManyTries(3)) { try program.find(1_000, .init(tryMax: 3)) }
        #expect(program.tried.count == 3)
        #expect(throws: Trouble.timeOver(tryCount: 2)) {
            var asked = 0
            _ = try program.find(
                1_000,
                .init(isTimeOver: {
                    asked += 1
                    return asked > 2
                }))
        }
    }

    @Test("What a try throws ends the search")
    func thrown() {
        let search = BadRecordSearch(middle: { _ in 5 }, failure: { _ in throw TaskError.cancelled })
        #expect(throws: TaskError.cancelled) { try search.find(in: 0..<10, ending: "") }
    }
}
