/// A type that is one XML-RPC value by itself, whose own `Codable` need not run. All of them check what they take.
protocol DirectlyCodable {
    func encoded(_ options: XMLRPCEncoder) throws(EncodingProblem) -> XMLRPCValue
    static func decoded(_ value: XMLRPCValue) throws(DecodingProblem) -> Self
}

// MARK: Integers

protocol DirectlyCodableInteger: DirectlyCodable, FixedWidthInteger {}

extension DirectlyCodableInteger {
    func encoded(_ options: XMLRPCEncoder) throws(EncodingProblem) -> XMLRPCValue {
        if let number = Int32(exactly: self) { return .int(number) }
        guard options.wideIntegers == .i8 else { throw .wideInteger }
        guard let number = Int64(exactly: self) else { throw .pastInt64 }
        return .int64(number)
    }

    static func decoded(_ value: XMLRPCValue) throws(DecodingProblem) -> Self {
        let number: Self?
        switch value {
        case .int(let given): number = Self(exactly: given)
        case .int64(let given): number = Self(exactly: given)
        default: throw .wrongType(expected: [.int], given: value.type)
        }
        guard let number else { throw .outOfRange("\(Self.min) to \(Self.max)") }
        return number
    }
}

extension Int: DirectlyCodableInteger {}
extension Int8: DirectlyCodableInteger {}
extension Int16: DirectlyCodableInteger {}
extension Int32: DirectlyCodableInteger {}
extension Int64: DirectlyCodableInteger {}
extension Int128: DirectlyCodableInteger {}
extension UInt: DirectlyCodableInteger {}
extension UInt8: DirectlyCodableInteger {}
extension UInt16: DirectlyCodableInteger {}
extension UInt32: DirectlyCodableInteger {}
extension UInt64: DirectlyCodableInteger {}
extension UInt128: DirectlyCodableInteger {}

// MARK: Other scalars

extension Bool: DirectlyCodable {
    func encoded(_ options: XMLRPCEncoder) -> XMLRPCValue { .boolean(self) }

    static func decoded(_ value: XMLRPCValue) throws(DecodingProblem) -> Bool {
        guard let flag = value.asBool else { throw .wrongType(expected: [.boolean], given: value.type) }
        return flag
    }
}

extension Double: DirectlyCodable {
    func encoded(_ options: XMLRPCEncoder) throws(EncodingProblem) -> XMLRPCValue {
        guard isFinite else { throw .notFinite }
        return .double(self)
    }

    /// An integer will do: most senders choose the type by the number at hand.
    static func decoded(_ value: XMLRPCValue) throws(DecodingProblem) -> Double {
        switch value {
        case .double(let number): return number
        case .int(let number): return Double(number)
        case .int64(let number):
            guard let number = Double(exactly: number) else { throw .outOfRange("-2^53 to 2^53, which a double holds") }
            return number
        default: throw .wrongType(expected: [.double], given: value.type)
        }
    }
}

extension Float: DirectlyCodable {
    func encoded(_ options: XMLRPCEncoder) throws(EncodingProblem) -> XMLRPCValue {
        try Double(self).encoded(options)
    }

    /// Rounded to the nearest that a `Float` holds.
    static func decoded(_ value: XMLRPCValue) throws(DecodingProblem) -> Float {
        let number = Float(try Double.decoded(value))
        guard number.isFinite else {
            throw .outOfRange("\(-Float.greatestFiniteMagnitude) to \(Float.greatestFiniteMagnitude)")
        }
        return number
    }
}

extension String: DirectlyCodable {
    func encoded(_ options: XMLRPCEncoder) throws(EncodingProblem) -> XMLRPCValue {
        if let scalar = XMLCharacters.firstUnrepresentable(in: self) { throw .notXML(scalar: scalar.value) }
        return .string(self)
    }

    static func decoded(_ value: XMLRPCValue) throws(DecodingProblem) -> String {
        guard let text = value.asString else { throw .wrongType(expected: [.string], given: value.type) }
        return text
    }
}

extension XMLRPCValue: DirectlyCodable {
    func encoded(_ options: XMLRPCEncoder) -> XMLRPCValue { self }
    static func decoded(_ value: XMLRPCValue) -> XMLRPCValue { value }
}
