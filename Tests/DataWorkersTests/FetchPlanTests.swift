import DataProtocol
import Objects
import TestSupport
import Testing

@testable import DataWorkers

@Suite("Who is asked for which objects next")
struct FetchPlanTests {
    private static func wanted(_ number: Int, _ holders: [String]) throws -> FetchPlan.Wanted {
        FetchPlan.Wanted(try ObjectKey(Array("\(number)".utf8)), holders)
    }

    @Test(
        "In any order of answers each object is settled once, after its holders in their order, within the limits",
        arguments: UInt64(0)..<200)
    func anyOrder(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let holders = (0..<8).map { "h\($0)" }
        let dead = Set(holders.filter { _ in random.happens(0.2) })
        var all: [ObjectKey: [String]] = [:]
        var plan = FetchPlan()
        var settled: [ObjectKey: String] = [:]
        var transfers: Set<ObjectKey> = []
        func take(_ verdicts: [FetchPlan.Verdict]) {
            for verdict in verdicts {
                switch verdict {
                case .failed(let wanted):
                    #expect(settled.updateValue("failed", forKey: wanted.key) == nil, "seed \(seed)")
                    let asked = wanted.troubles.map { String($0.prefix { $0 != " " }) }
                    #expect(asked == all[wanted.key], "everybody was asked, in order; seed \(seed)")
                case .transfer(let wanted, _):
                    #expect(settled.updateValue("transfer", forKey: wanted.key) == nil, "seed \(seed)")
                    transfers.insert(wanted.key)
                }
            }
        }
        for round in 0..<3 {
            var some: [FetchPlan.Wanted] = []
            for number in 0..<random.number(in: 0...4_000) {
                let one = try Self.wanted(
                    round * 10_000 + number,
                    holders.shuffled(using: &random).prefix(random.number(in: 0...3)).map(\.self))
                all[one.key] = Array(one.holders)
                some.append(one)
            }
            take(plan.add(some))
        }
        var running: [FetchPlan.Batch] = []
        while true {
            while let batch = plan.next() { running.append(batch) }
            #expect(running.count <= FetchPlan.callCountMax, "seed \(seed)")
            for holder in holders {
                #expect(running.count { $0.holder == holder } <= FetchPlan.callCountPerHolderMax, "seed \(seed)")
            }
            guard !running.isEmpty else { break }
            let batch = running.remove(at: random.number(in: 0...running.count - 1))
            #expect(1...FetchPlan.keyCountMax ~= batch.wanted.count, "seed \(seed)")
            #expect(batch.wanted.allSatisfy { $0.holders.first == batch.holder }, "seed \(seed)")
            if dead.contains(batch.holder) {
                take(plan.lost(batch, "gone"))
                continue
            }
            take(
                plan.ended(
                    batch,
                    batch.wanted.map { wanted in
                        switch random.number(in: 0...9) {
                        case 0: return .trouble("has it not")
                        case 1: return .large(ObjectInfo(tag: .bytes, byteCount: 1 << 20, digest: ObjectDigest()))
                        case 2: return .left
                        default:
                            #expect(settled.updateValue("settled", forKey: wanted.key) == nil, "seed \(seed)")
                            return .settled
                        }
                    }))
        }
        #expect(settled.count == all.count, "seed \(seed)")
    }
}
