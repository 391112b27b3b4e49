import Functions
import Glibc
import Testing

/// The error of what must fail.
func failure(_ body: () throws -> Any, sourceLocation: SourceLocation = #_sourceLocation) -> String {
    do {
        Issue.record("it did not fail: \(try body())", sourceLocation: sourceLocation)
        return ""
    } catch {
        #expect(error is FunctionError, sourceLocation: sourceLocation)
        return "\(error)"
    }
}

/// Waits for something to become so.
func eventually<Value>(_ event: String, _ condition: () throws -> Value?) throws -> Value {
    let deadline = ContinuousClock.now + .seconds(60)
    while true {
        if let value = try condition() { return value }
        guard ContinuousClock.now < deadline else { throw DidNotHappen(description: "waited for \(event)") }
        usleep(5_000)
    }
}

struct DidNotHappen: Error { let description: String }

/// Whether a process has ended; a zombie has.
func isGone(_ process: pid_t) -> Bool {
    guard kill(process, 0) == 0, let file = fopen("/proc/\(process)/stat", "r") else { return true }
    defer { fclose(file) }
    var buffer = [CChar](repeating: 0, count: 512)
    guard fgets(&buffer, CInt(buffer.count), file) != nil else { return true }
    let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return text.split(separator: ")").last?.hasPrefix(" Z") ?? true
}
