/// Names of functions and of uploaded files: one part of a path, and the same in any encoding.
package enum FunctionName {
    private static let byteCountMax = 128

    /// - Throws: ``FunctionError/badName(_:reason:)``
    package static func check(_ name: String) throws(FunctionError) {
        guard !name.isEmpty else { throw .badName(name, reason: "is empty") }
        guard name.utf8.count <= byteCountMax else {
            throw .badName(name, reason: "has \(name.utf8.count) bytes; \(byteCountMax) are allowed")
        }
        guard isPossible(name) else {
            throw .badName(
                name,
                reason: "is not made of ASCII letters, digits, '.', '_' and '-', or begins with a dot")
        }
    }

    /// Looks at bytes only, so it may be asked of any text.
    package static func isPossible(_ name: String) -> Bool {
        guard name.utf8.count <= byteCountMax, name.utf8.first != UInt8(ascii: "."), !name.isEmpty else { return false }
        return name.utf8.allSatisfy { isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
    }

    /// Whether Python can have a function of that name. Names of other scripts are left out.
    static func isIdentifier(_ name: String) -> Bool {
        guard name.utf8.count <= byteCountMax, let first = name.utf8.first, !isDigit(first) else { return false }
        return name.utf8.allSatisfy(isWord)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
        default: isDigit(byte)
        }
    }
}
