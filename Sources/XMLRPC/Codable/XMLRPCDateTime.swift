/// A dateTime.iso8601: the calendar's and the clock's numbers, and the zone if the sender gave one.
///
/// XML-RPC names no zone, and sender and receiver must agree on one. The text stays as it was sent; two dates are equal
/// if their texts are.
///
/// ```swift
/// let moment = XMLRPCDateTime(secondsSinceEpoch: 900_684_535)  // 19980717T14:08:55, in UTC
/// let seconds = moment?.secondsSinceEpoch()  // 900684535
/// ```
public struct XMLRPCDateTime: Hashable, Sendable, LosslessStringConvertible {
    /// `yyyymmddThh:mm:ss`, and in decoded values perhaps with dashes, a fraction and a zone.
    public let description: String

    /// - Returns: nil for anything but `yyyymmddThh:mm:ss` or `yyyy-mm-ddThh:mm:ss` with an existing day and time, with
    ///   or without a fraction of a second and a zone (`Z`, `+hh:mm`, `-hh:mm`).
    public init?(_ description: String) {
        guard isDateTime(Array(description.utf8)) else { return nil }
        self.description = description
    }

    /// In the only form that every peer reads.
    ///
    /// - Returns: nil if there is no such day or time, in the years 0 to 9999. Leap seconds have no representation.
    public init?(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
        let value = XMLRPCValue.dateTime(
            year: year, month: month, day: day, hour: hour, minute: minute, second: second)
        guard let text = value?.asDateTime else { return nil }
        description = text
    }

    /// The moment in UTC, without a zone in its text.
    ///
    /// - Parameter seconds: Since 1970-01-01T00:00:00Z, without leap seconds, as Unix counts.
    /// - Returns: nil outside of the years 0 to 9999.
    public init?(secondsSinceEpoch seconds: Int64) {
        // Past four digits of years on both sides, and far from where numbers overflow.
        guard (-100_000_000_000...300_000_000_000).contains(seconds) else { return nil }
        let day = Int(seconds.flooringQuotient(86_400))
        let second = Int(seconds) - day * 86_400
        let date = civilDate(daysSinceEpoch: day)
        self.init(
            year: date.year, month: date.month, day: date.day, hour: second / 3600, minute: second / 60 % 60,
            second: second % 60)
    }

    public var year: Int { number(at: 0, digitCount: 4) }
    /// From 1.
    public var month: Int { number(at: hasDashes ? 5 : 4, digitCount: 2) }
    /// From 1.
    public var day: Int { number(at: hasDashes ? 8 : 6, digitCount: 2) }
    public var hour: Int { number(at: timeStart, digitCount: 2) }
    public var minute: Int { number(at: timeStart + 3, digitCount: 2) }
    public var second: Int { number(at: timeStart + 6, digitCount: 2) }

    /// The fraction of the second; digits past the ninth are dropped. 0 without one.
    public var nanosecond: Int {
        let rest = text.dropFirst(timeStart + 8)
        guard rest.first == UInt8(ascii: ".") else { return 0 }
        let digits = rest.dropFirst().prefix(while: isDigit).prefix(9)
        let number = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        return (digits.count..<9).reduce(number) { number, _ in number * 10 }
    }

    /// How many seconds the clock is ahead of UTC; nil when no zone was sent.
    public var zoneSeconds: Int? {
        let zone = text.dropFirst(timeStart + 8).drop { isDigit($0) || $0 == UInt8(ascii: ".") }
        guard let sign = zone.first else { return nil }
        if sign == UInt8(ascii: "Z") { return 0 }
        let start = zone.startIndex
        let seconds = number(at: start + 1, digitCount: 2) * 3600 + number(at: start + 4, digitCount: 2) * 60
        return sign == UInt8(ascii: "-") ? -seconds : seconds
    }

    /// Since 1970-01-01T00:00:00Z, without the fraction and without leap seconds, as Unix counts.
    ///
    /// - Parameter zoneSeconds: How far the sender's clock is ahead of UTC, if the text doesn't say.
    public func secondsSinceEpoch(assumingZoneSeconds zoneSeconds: Int = 0) -> Int64 {
        let days = daysSinceEpoch(year: year, month: month, day: day)
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second
        return Int64(seconds - (self.zoneSeconds ?? zoneSeconds))
    }

    // MARK: Text

    private var text: [UInt8] { Array(description.utf8) }

    private var hasDashes: Bool { text[4] == UInt8(ascii: "-") }
    private var timeStart: Int { hasDashes ? 11 : 9 }

    private func number(at position: Int, digitCount: Int) -> Int {
        text[position..<(position + digitCount)].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }
}

extension XMLRPCDateTime: DirectlyCodable {
    func encoded(_ options: XMLRPCEncoder) -> XMLRPCValue { .dateTime(description) }

    static func decoded(_ value: XMLRPCValue) throws(DecodingProblem) -> XMLRPCDateTime {
        guard let text = value.asDateTime else { throw .wrongType(expected: [.dateTime], given: value.type) }
        guard let date = XMLRPCDateTime(text) else { throw .notDateTime }
        return date
    }
}

/// As a dateTime.iso8601 with ``XMLRPCEncoder``, and as its text with any other.
extension XMLRPCDateTime: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let date = XMLRPCDateTime(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: DecodingProblem.notDateTime.reason)
        }
        self = date
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
