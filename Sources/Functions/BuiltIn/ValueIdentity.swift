import XMLRPC

/// What makes two values the same in Python: 1, 1.0 and true are, and strings are by their characters, whatever Unicode
/// holds for equal.
enum ValueIdentity: Hashable {
    case integer(Int64)
    case double(Double)
    case string([UInt8])
    case dateTime([UInt8])
    case base64([UInt8])
    case `nil`
    case array([ValueIdentity])
    case structure([[UInt8]: ValueIdentity])

    init(_ value: XMLRPCValue) {
        switch value {
        case .int(let number): self = .integer(Int64(number))
        case .int64(let number): self = .integer(number)
        case .boolean(let flag): self = .integer(flag ? 1 : 0)
        case .double(let number): self = Int64(exactly: number).map(Self.integer) ?? .double(number)
        case .string(let text): self = .string(Array(text.utf8))
        case .dateTime(let text): self = .dateTime(Array(text.utf8))
        case .base64(let bytes): self = .base64(bytes)
        case .nil: self = .nil
        case .array(let items): self = .array(items.map(Self.init))
        case .structure(let members):
            self = .structure(
                Dictionary(uniqueKeysWithValues: members.map { (Array($0.key.utf8), Self($0.value)) }))
        }
    }
}

/// Two values that have no order.
struct NoOrder: Error {
    let left: XMLRPCValue
    let right: XMLRPCValue
}

/// Python's `left < right`: numbers by value, strings by their characters' code points, bytes, and arrays by their first
/// items that differ.
///
/// - Throws: ``NoOrder``
func isLess(_ left: XMLRPCValue, _ right: XMLRPCValue) throws(NoOrder) -> Bool {
    switch (left, right) {
    // The order of UTF-8 is that of the code points.
    case (.string(let left), .string(let right)): return left.utf8.lexicographicallyPrecedes(right.utf8)
    case (.base64(let left), .base64(let right)): return left.lexicographicallyPrecedes(right)
    case (.array(let left), .array(let right)):
        for (first, second) in zip(left, right) where ValueIdentity(first) != ValueIdentity(second) {
            return try isLess(first, second)
        }
        return left.count < right.count
    default:
        guard let first = Number(left), let second = Number(right) else { throw NoOrder(left: left, right: right) }
        return first.isLess(than: second)
    }
}
