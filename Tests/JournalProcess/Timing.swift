import Glibc
import Journal
import TestSupport

/// Prints what each operation costs. The disk has its part in all of it, so compare only what one run prints.
struct Timing {
    let folder: String

    private var path: String { folder + "/timed-journal" }

    func run() throws {
        for round in 1...3 {
            say("round \(round)")
            try timeLife()
            for byteCount in [200, 20_000] { try timeAppends(byteCount: byteCount, count: 4_000) }
            try timeOpening(tailByteCount: 64 << 20)
        }
    }

    private func timeLife() throws {
        try Journal.remove(path: path)
        let clock = ContinuousClock()
        var times: [Duration] = [.zero, .zero, .zero]
        let lives = 50
        for _ in 0..<lives {
            var journal: Journal?
            times[0] += try clock.measure { journal = try Journal.open(path: path).journal }
            times[1] += try clock.measure { try journal?.begin(header: NumberedBytes.make(0, byteCount: 500)) }
            for _ in 0..<10 { try journal?.append([UInt8](repeating: 1, count: 200)) }
            times[2] += try clock.measure { try journal?.remove() }
        }
        let each = times.map { shown($0 / lives) }
        say("  open \(each[0]), begin \(each[1]), remove \(each[2])")
    }

    private func timeAppends(byteCount: Int, count: Int) throws {
        let journal = try Journal.open(path: path).journal
        try journal.begin(header: [1])
        let batch = NumberedBytes.make(1, byteCount: byteCount)
        let time = try ContinuousClock().measure { for _ in 0..<count { try journal.append(batch) } }
        let perSecond = Double(count) / (time / .seconds(1))
        say("  \(byteCount) bytes: \(Int(perSecond)) appends/s, \(Int(perSecond) * byteCount / 1_000_000) MB/s")
        try journal.remove()
    }

    private func timeOpening(tailByteCount: Int) throws {
        let journal = try Journal.open(path: path).journal
        try journal.begin(header: [1])
        let batch = NumberedBytes.make(1, byteCount: 20_000)
        for _ in 0..<tailByteCount / batch.count { try journal.append(batch) }
        let close = ContinuousClock().measure { journal.close() }
        var opened: Journal?
        let open = try ContinuousClock().measure { opened = try Journal.open(path: path).journal }
        let checkpoint = try ContinuousClock().measure { try opened?.checkpoint([UInt8](repeating: 7, count: 1 << 20)) }
        say(
            "  tail of \(tailByteCount) bytes: close \(shown(close)), open \(shown(open)), checkpoint \(shown(checkpoint))"
        )
        try opened?.remove()
    }

    private func shown(_ time: Duration) -> String { "\(Int(time / .microseconds(1))) us" }
}
