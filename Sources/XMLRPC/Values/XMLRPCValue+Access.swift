extension XMLRPCValue {
    /// The number in an int or i8.
    public var asInt: Int? {
        switch self {
        case .int(let number): Int(number)
        case .int64(let number): Int(exactly: number)
        default: nil
        }
    }

    /// The number in a double, int or i8; nil if a double can't hold it exactly.
    public var asDouble: Double? {
        switch self {
        case .double(let number): number
        case .int(let number): Double(number)
        case .int64(let number): Double(exactly: number)
        default: nil
        }
    }

    /// The number in an int or i8, or in a double without a fraction: what ``wholeNumber(_:)`` makes.
    public var asWholeNumber: Int64? {
        switch self {
        case .int(let number): Int64(number)
        case .int64(let number): number
        case .double(let number): Int64(exactly: number)
        default: nil
        }
    }

    public var asBool: Bool? {
        guard case .boolean(let flag) = self else { return nil }
        return flag
    }

    public var asString: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The bytes of a base64.
    public var asBytes: [UInt8]? {
        guard case .base64(let bytes) = self else { return nil }
        return bytes
    }

    /// The text of a dateTime.iso8601, as it was sent.
    public var asDateTime: String? {
        guard case .dateTime(let text) = self else { return nil }
        return text
    }

    public var asArray: [XMLRPCValue]? {
        guard case .array(let items) = self else { return nil }
        return items
    }

    public var asStructure: [String: XMLRPCValue]? {
        guard case .structure(let members) = self else { return nil }
        return members
    }

    public var isNil: Bool {
        guard case .nil = self else { return false }
        return true
    }

    /// A struct's member; nil if there is none of that name, or if this is no struct.
    public subscript(name: String) -> XMLRPCValue? { asStructure?[name] }

    /// An array's item, from 0; nil past its end, or if this is no array.
    public subscript(index: Int) -> XMLRPCValue? {
        guard let items = asArray, items.indices.contains(index) else { return nil }
        return items[index]
    }

    /// The portable form of a number that may need more than 32 bits, a byte count for example: an int where it fits,
    /// otherwise a double, which is exact up to 2^53.
    public static func wholeNumber(_ number: Int64) -> XMLRPCValue {
        Int32(exactly: number).map(XMLRPCValue.int) ?? .double(Double(number))
    }

    /// A date in the only form that every peer reads, `yyyymmddThh:mm:ss`; sender and receiver must agree on the zone.
    ///
    /// - Returns: nil if there is no such day or time. Leap seconds have no representation.
    public static func dateTime(
        year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0
    ) -> XMLRPCValue? {
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
        }
        let date = padded(year, 4) + padded(month, 2) + padded(day, 2)
        let text = date + "T" + padded(hour, 2) + ":" + padded(minute, 2) + ":" + padded(second, 2)
        return isDateTime(Array(text.utf8)) ? .dateTime(text) : nil
    }
}
