import CommandSupport
import Logging
import Synchronization
import TestSupport
import Testing

@Suite("Arguments as bytes")
struct RawArgumentTests {
    @Test("plain text stays itself", arguments: ["", "a b", "ü/日本.txt", "--json"])
    func plain(text: String) {
        #expect(RawArguments.text(of: Array(text.utf8)) == text)
        #expect(RawArguments.bytes(of: text) == Array(text.utf8))
    }

    @Test("any bytes come back whole", arguments: UInt64(0)..<300)
    func anyBytes(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
            UInt8.random(in: 1...255, using: &random)
        }
        #expect(RawArguments.bytes(of: RawArguments.text(of: bytes)) == bytes, "seed \(seed)")
    }

    @Test("a name that uses the private characters itself comes back whole")
    func standIns() {
        let bytes = Array("a\u{F7FF}b".utf8)
        #expect(RawArguments.bytes(of: RawArguments.text(of: bytes)) == bytes)
    }

    @Test("half a character before a whole one comes back whole")
    func truncated() {
        let bytes: [UInt8] = [0xe6, 0x97, 0x61, 0xc3, 0xc3, 0xbc]
        #expect(RawArguments.bytes(of: RawArguments.text(of: bytes)) == bytes)
    }
}

@Suite("Sizes")
struct ByteSizeTests {
    @Test(
        "are read in powers of 1024",
        arguments: [
            ("1000", Int64(1_000)), ("64MiB", 64 << 20), ("64M", 64 << 20), ("1K", 1_024), ("2G", 2 << 30),
            ("3TiB", 3 << 40),
            ("5B", 5), ("0", 0),
        ])
    func reading(text: String, byteCount: Int64) {
        #expect(ByteSize(text)?.byteCount == byteCount)
    }

    @Test(
        "of no form are refused",
        arguments: ["", "12x", "M", "-1", "+1", "1.5M", "1 M", "1m", "99999999999G", "MiB", "1KB"])
    func refusals(text: String) {
        #expect(ByteSize(text) == nil)
    }

    @Test("are written in the largest unit that keeps them whole")
    func writing() {
        #expect(ByteSize(byteCount: 64 << 20).description == "64MiB")
        #expect(ByteSize(byteCount: 1_000).description == "1000")
    }
}

@Suite("Log lines")
struct LineLogTests {
    @Test("stay one line each, and can't move the cursor, whatever is in them")
    func escaped() {
        let lines = Mutex<[String]>([])
        let logger = Logger(label: "x") { _ in
            LineLog(program: "mr", level: .info) { line in lines.withLock { $0.append(line) } }
        }
        logger.info("worker ü\u{1B}[2J\nmr: done", metadata: ["name": "a\u{9B}31m\u{2028}\u{202E}b", "other": "日本"])
        #expect(
            lines.withLock { $0 } == [
                #"mr: worker ü\u{1b}[2J\u{a}mr: done name=a\u{9b}31m\u{2028}\u{202e}b other=日本"#
            ])
    }
}

@Suite("Floods of lines")
struct LineLimiterTests {
    @Test("are cut to so many a second, and the rest is counted")
    func limit() {
        var limiter = LineLimiter(linesPerSecondMax: 2)
        let shown = (0..<5).map { _ in limiter.admit(at: .milliseconds(1_500)).isShown }
        #expect(shown == [true, true, false, false, false])
        let next = limiter.admit(at: .milliseconds(2_000))
        #expect(next.isShown && next.leftOutCount == 3)
        #expect(limiter.admit(at: .milliseconds(2_001)).leftOutCount == 0)
    }
}

@Suite("Interruptions")
struct InterruptionTests {
    @Test("that come before anyone listens are kept, and told once")
    func early() {
        let interruption = Interruption()
        let told = Mutex<[String]>([])
        interruption.come("SIGINT")
        interruption.handle { reason in told.withLock { $0.append(reason) } }
        #expect(told.withLock { $0 } == ["SIGINT"])
        interruption.come("SIGTERM")
        #expect(told.withLock { $0 } == ["SIGINT", "SIGTERM"])
    }
}
