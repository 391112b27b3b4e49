public import ApplicationAPI

/// Finds lines that match a pattern: one line `file:line TAB text` for each, by file and line number within a part.
public struct Grep: Application {
    public static let name = "grep"
    public static let summary = "finds lines that match a POSIX extended regular expression"
    public static let options = [
        ApplicationOption("pattern", "the expression; bytes, matched anywhere in a line")
    ]

    public let writesPairs = false
    private let pattern: Pattern

    public init(options: ApplicationOptions) throws {
        guard let expression = options.bytes("pattern") else {
            throw ApplicationOptionError("pattern", problem: "is missing; give a POSIX extended regular expression")
        }
        pattern = try Pattern(expression)
    }

    public func mapBlock(_ block: borrowing RecordBlock, to output: MapOutput) throws {
        switch pattern {
        case .literal(let literal) where block.format == .lines:
            try findLines(with: literal, in: block, output)
        case .literal(let literal):
            try block.forEachRecord { record in
                guard record.bytes.firstOffset(of: literal, from: 0) != nil else { return }
                emit(record.bytes, fileName: record.fileName, lineNumber: try record.lineNumber(), output)
            }
        case .expression(let expression):
            try block.forEachRecord { record in
                guard try expression.matches(record.bytes) else { return }
                emit(record.bytes, fileName: record.fileName, lineNumber: try record.lineNumber(), output)
            }
        }
    }

    public func reduce(_ key: Bytes, _ values: inout Values, to output: ReduceOutput) {
        let (fileName, lineNumber) = GrepKey.parts(of: key)
        while let text = values.next() {
            output.appendEscaped(fileName)
            output.append(":")
            output.append(String(lineNumber))
            output.append("\t")
            output.append(text)
            output.endRecord()
        }
    }

    /// Looks for the literal in the whole block, and for the ends of lines only around a match.
    private func findLines(with literal: [UInt8], in block: borrowing RecordBlock, _ output: MapOutput) throws {
        let text = block.bytes
        var searched = 0
        var counted = 0
        var lineNumber: Int64 = 0
        while let found = text.firstOffset(of: literal, from: searched) {
            let start = text.lineStart(before: found)
            let end = text.lineEnd(after: found)
            if counted == 0 {
                lineNumber = try block.lineNumber(at: start)
            } else {
                lineNumber += Int64(Bytes(rebasing: text[counted..<start]).newlineCount)
            }
            counted = start
            emit(
                Bytes(rebasing: text[start..<end]), fileName: block.fileName, lineNumber: lineNumber, output)
            searched = end + 1
            guard searched < text.count else { return }
        }
    }

    private func emit(_ line: Bytes, fileName: Bytes, lineNumber: Int64, _ output: MapOutput) {
        GrepKey.withKey(fileName: fileName, lineNumber: lineNumber) { key in output.emit(key, line) }
    }
}

/// The intermediate key: the file's name, NUL, and the line number as eight bytes, the highest first, so that keys in
/// byte order are in the order of files and of numbers.
enum GrepKey {
    private static let suffixByteCount = 9

    static func withKey(fileName: Bytes, lineNumber: Int64, _ body: (Bytes) -> Void) {
        withUnsafeTemporaryAllocation(byteCount: fileName.count + suffixByteCount, alignment: 1) { key in
            key.copyMemory(from: fileName)
            key[fileName.count] = 0
            key.storeBytes(of: lineNumber.bigEndian, toByteOffset: fileName.count + 1, as: Int64.self)
            body(Bytes(key))
        }
    }

    static func parts(of key: Bytes) -> (fileName: Bytes, lineNumber: Int64) {
        let nameCount = key.count - suffixByteCount
        let number = key.loadUnaligned(fromByteOffset: nameCount + 1, as: Int64.self)
        return (Bytes(rebasing: key[..<nameCount]), Int64(bigEndian: number))
    }
}
