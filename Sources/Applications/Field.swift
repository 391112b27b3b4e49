import ApplicationAPI
import CDataPath

/// One of the fields that a separator makes of each line.
struct Field: Sendable {
    /// From 1.
    let number: Int
    let separator: UInt8

    static let numberMax = 1_000_000

    /// The field without the separators around it; nil when the line has fewer fields.
    func bytes(in line: Bytes) -> Bytes? { range(in: line).map { Bytes(rebasing: line[$0]) } }

    /// Where the field lies; nil when the line has fewer fields. An empty line has none.
    func range(in line: Bytes) -> Range<Int>? {
        guard let start = line.baseAddress, line.count > 0 else { return nil }
        var from = 0
        var index = 1
        while true {
            let found = memchr(start + from, CInt(separator), line.count - from).map { UnsafeRawPointer($0) - start }
            if index == number { return from..<(found ?? line.count) }
            guard let found else { return nil }
            from = found + 1
            index += 1
        }
    }
}

extension ApplicationOption {
    static let separator = ApplicationOption("separator", "the byte between fields (default: a tab)")
}

extension ApplicationOptions {
    /// - Throws: `ApplicationOptionError`
    func separator() throws -> UInt8 {
        guard let bytes = bytes("separator") else { return UInt8(ascii: "\t") }
        guard bytes.count == 1, bytes[0] != UInt8(ascii: "\n") else {
            throw ApplicationOptionError("separator", value: bytes, problem: "is not one byte other than a newline")
        }
        return bytes[0]
    }

    /// A whole number within a range, or nil when the option was not given.
    /// - Throws: `ApplicationOptionError`
    func integer(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
        guard let number = try integer(name) else { return nil }
        guard range.contains(number) else {
            throw ApplicationOptionError(
                name, value: "\(number)", problem: "is not from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// The field that an option numbers, or nil when the option was not given.
    /// - Throws: `ApplicationOptionError`
    func field(_ name: String) throws -> Field? {
        guard let number = try integer(name, in: 1...Field.numberMax) else { return nil }
        return Field(number: number, separator: try separator())
    }
}
