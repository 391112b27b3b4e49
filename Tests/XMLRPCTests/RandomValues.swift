import TestSupport
import XMLRPC

extension SplitMix64 {
    /// A value of any type, at most so many levels deep.
    mutating func value(depthMax: Int) -> XMLRPCValue {
        switch Int.random(in: 0..<(depthMax > 1 ? 12 : 8), using: &self) {
        case 0: .int(Int32(truncatingIfNeeded: next() >> UInt64.random(in: 0..<64, using: &self)))
        case 1: .int64(Int64(bitPattern: next() >> UInt64.random(in: 0..<64, using: &self)))
        case 2: .boolean(Bool.random(using: &self))
        case 3, 4: .string(text())
        case 5: .double(double())
        case 6: dateTime()
        case 7: Bool.random(using: &self) ? .nil : .base64(bytes())
        case 8, 9: .array((0..<size()).map { _ in value(depthMax: depthMax - 1) })
        default: .structure(members(depthMax: depthMax - 1))
        }
    }

    /// Mostly small, sometimes none.
    private mutating func size() -> Int { Int.random(in: 0..<8, using: &self) }

    private mutating func members(depthMax: Int) -> [String: XMLRPCValue] {
        var members: [String: XMLRPCValue] = [:]
        for _ in 0..<size() { members[text()] = value(depthMax: depthMax) }
        return members
    }

    private mutating func text() -> String {
        let notable: [Unicode.Scalar] = [
            "<", ">", "&", "\r", "\n", "\t", "'", "\"", "]", " ", "\u{7F}", "\u{85}", "\u{2028}", "\u{D7FF}",
            "\u{E000}",
            "\u{FEFF}", "\u{FFFD}", "\u{10000}", "\u{10FFFF}", "a", "e", "\u{301}", "é",
        ]
        var scalars = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0..<20, using: &self) {
            switch Int.random(in: 0..<3, using: &self) {
            case 0: scalars.append(notable[Int.random(in: notable.indices, using: &self)])
            case 1: scalars.append(Unicode.Scalar(UInt8.random(in: 0x20..<0x7F, using: &self)))
            default: scalars.append(Unicode.Scalar(UInt32.random(in: 0xA0..<0xD800, using: &self)) ?? "x")
            }
        }
        return String(scalars)
    }

    private mutating func bytes() -> [UInt8] {
        (0..<Int.random(in: 0..<50, using: &self)).map { _ in UInt8.random(in: 0...255, using: &self) }
    }

    private mutating func double() -> Double {
        let anyBits = Double(bitPattern: next())
        let isWild = Bool.random(using: &self) && anyBits.isFinite
        return isWild ? anyBits : Double(Int32(truncatingIfNeeded: next())) / 100
    }

    private mutating func dateTime() -> XMLRPCValue {
        let value = XMLRPCValue.dateTime(
            year: Int.random(in: 0...9999, using: &self), month: Int.random(in: 1...12, using: &self),
            day: Int.random(in: 1...28, using: &self), hour: Int.random(in: 0..<24, using: &self),
            minute: Int.random(in: 0..<60, using: &self), second: Int.random(in: 0..<60, using: &self))
        return value ?? .nil
    }
}

extension XMLRPCValue {
    /// Equal to the last byte and bit: `==` takes composed and decomposed text, and both zeros, for the same.
    func isIdentical(to other: XMLRPCValue) -> Bool {
        switch (self, other) {
        case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
        case (.double(let left), .double(let right)): left.bitPattern == right.bitPattern
        case (.array(let left), .array(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.isIdentical(to: $1) }
        case (.structure(let left), .structure(let right)):
            left.count == right.count
                && left.allSatisfy { name, value in right[name].map { value.isIdentical(to: $0) } ?? false }
        default: self == other
        }
    }
}
