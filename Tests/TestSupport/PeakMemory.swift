import Glibc

/// How much memory this process takes at its peak. For processes of their own (exit tests).
package struct PeakMemory {
    private let byteCountBefore: Int

    /// Begins to measure.
    package init() throws {
        // Makes the peak what is resident now.
        guard let references = fopen("/proc/self/clear_refs", "w") else { throw TestTrouble.noStatus(errno) }
        fputs("5", references)
        fclose(references)
        byteCountBefore = try PeakMemory.byteCount("VmHWM:")
    }

    /// What was resident at once since then, in bytes beyond what was there.
    package func growth() throws -> Int { try PeakMemory.byteCount("VmHWM:") - byteCountBefore }

    private static func byteCount(_ name: String) throws -> Int {
        guard let status = fopen("/proc/self/status", "r") else { throw TestTrouble.noStatus(errno) }
        defer { fclose(status) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, CInt(line.count), status) != nil {
            let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                .split { $0.isWhitespace }
            if let first = words.first, first == name, words.count > 1, let count = Int(words[1]) { return count << 10 }
        }
        throw TestTrouble.noStatus(0)
    }
}
