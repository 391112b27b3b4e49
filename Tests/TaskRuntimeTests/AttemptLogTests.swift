import TestSupport
import Testing

@testable import TaskRuntime

@Suite("The log of an attempt")
struct AttemptLogTests {
    @Test("is all that was written, or its first and last bytes and how many are between", arguments: UInt64(0)..<50)
    func extract(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let log = AttemptLog(beginByteCountMax: 10, endByteCountMax: 100)
        var all: [UInt8] = []
        for _ in 0..<random.number(in: 0...40) {
            let bytes = (0..<random.number(in: 0...60)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            bytes.withUnsafeBytes { log.append($0) }
            all += bytes
            let extract = log.extract
            #expect(extract.writtenByteCount == Int64(all.count))
            let kept = extract.begin.count + extract.end.count
            #expect(extract.leftOutByteCount == Int64(all.count - kept), "seed \(seed)")
            #expect(kept == min(all.count, 110), "seed \(seed)")
            #expect(extract.begin == Array(all.prefix(10)) && all.suffix(extract.end.count) == extract.end[...])
        }
    }

    @Test("is asked for what has changed only once")
    func changed() {
        let log = AttemptLog()
        #expect(log.takeChanged() == nil)
        withUnsafeBytes(of: UInt8(65)) { log.append($0) }
        #expect(log.takeChanged()?.begin == [65])
        #expect(log.takeChanged() == nil)
    }

    @Test("is not there as long as nothing was written")
    func none() {
        let control = TaskControl()
        control.append(UnsafeRawBufferPointer(start: nil, count: 0))
        #expect(control.log == nil)
        withUnsafeBytes(of: UInt8(65)) { control.append($0) }
        #expect(control.log?.extract.begin == [65])
    }
}
