import ApplicationAPI
import CDataPath

/// What grep looks for.
enum Pattern: Sendable {
    /// Bytes that mean themselves, without LF; one or more.
    case literal([UInt8])
    case expression(CompiledExpression)

    static let byteCountMax = 4096

    /// - Throws: ``ApplicationOptionError`` with the reason why the expression is wrong.
    init(_ expression: [UInt8]) throws {
        func wrong(_ problem: String) -> ApplicationOptionError {
            ApplicationOptionError("pattern", value: Array(expression.prefix(100)), problem: problem)
        }
        guard expression.count <= Pattern.byteCountMax else {
            throw wrong("has \(expression.count) bytes; \(Pattern.byteCountMax) are allowed")
        }
        guard !expression.contains(UInt8(ascii: "\n")) else {
            throw wrong("holds a newline, which no line does")
        }
        let special = Array(".[]*+?{}()|^$\\".utf8)
        if !expression.isEmpty && !expression.contains(where: special.contains) {
            self = .literal(expression)
            return
        }
        self = .expression(try CompiledExpression(expression) { wrong("is wrong: \($0)") })
    }
}

/// A compiled POSIX extended regular expression.
///
/// `@unchecked Sendable`: the pointer never changes, and glibc's re_search, the only thing that is done with it between
/// `init` and `deinit`, holds a lock of the compiled expression while it runs.
final class CompiledExpression: @unchecked Sendable {
    private let pattern: OpaquePointer

    /// - Parameter wrong: Makes the error to throw from the reason that the expression is wrong.
    init(_ expression: [UInt8], wrong: (String) -> any Error) throws {
        var reason: UnsafePointer<CChar>?
        let text = expression.map { CChar(bitPattern: $0) }
        guard let compiled = mr_pattern_compile(text, text.count, &reason) else {
            throw wrong(reason.map { String(cString: $0) } ?? "unknown reason")
        }
        pattern = compiled
    }

    deinit { mr_pattern_free(pattern) }

    /// - Throws: ``PatternError/outOfMemory(byteCount:)``
    func matches(_ line: Bytes) throws(PatternError) -> Bool {
        let answer =
            if let start = line.baseAddress {
                mr_pattern_matches(pattern, start.assumingMemoryBound(to: CChar.self), line.count)
            } else {
                mr_pattern_matches(pattern, "", 0)
            }
        guard answer >= 0 else { throw .outOfMemory(byteCount: line.count) }
        return answer > 0
    }
}

/// Why it is not known whether a line matches.
enum PatternError: Error, Hashable, CustomStringConvertible {
    case outOfMemory(byteCount: Int)

    var description: String {
        switch self {
        case .outOfMemory(let byteCount):
            "there is no memory to match the expression with a line of \(byteCount) bytes; use a simpler expression, without \\1 and the like, or a larger machine"
        }
    }
}
