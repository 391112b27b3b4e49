import ApplicationAPI
import Glibc
import Testing

@testable import Applications

@Suite struct PatternTests {
    @Test("A line that there is no memory to match is an error, and not one that does not match")
    func noMemory() async {
        await #expect(processExitsWith: .success) {
            let expression = try CompiledExpression(Array(#"(a)\1.*"#.utf8)) { _ in NoExpression() }
            let line = [UInt8](repeating: UInt8(ascii: "a"), count: 10_000_000)
            // A back reference takes eight bytes for each of the line.
            var limit = rlimit(rlim_cur: rlim_t(try addressSpace() + 40_000_000), rlim_max: .max)
            precondition(setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0)
            #expect(throws: PatternError.outOfMemory(byteCount: line.count)) {
                try line.withUnsafeBytes { try expression.matches($0) }
            }
            #expect(try Array("xaab".utf8).withUnsafeBytes { try expression.matches($0) })
        }
    }
}

private struct NoExpression: Error {}

/// Bytes that this process has mapped.
private func addressSpace() throws -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { throw NoExpression() }
    defer { fclose(file) }
    var text = [UInt8](repeating: 0, count: 100)
    fread(&text, 1, text.count, file)
    guard let pages = Int(String(decoding: text.prefix { $0 != 32 }, as: UTF8.self)) else { throw NoExpression() }
    return pages * Int(getpagesize())
}
