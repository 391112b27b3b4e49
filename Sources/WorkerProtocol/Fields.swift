package import XMLRPC

/// Reads the members of one struct of a message, and says in the fault which member is wrong and what it should be.
package struct Fields {
    private let members: [String: XMLRPCValue]
    private let place: String

    package init(_ value: XMLRPCValue, in place: String) throws(XMLRPCFault) {
        guard case .structure(let members) = value else {
            throw Fields.fault("\(place) must be a struct")
        }
        self.members = members
        self.place = place
    }

    static func fault(_ message: String) -> XMLRPCFault {
        XMLRPCFault(code: XMLRPCFault.invalidParameters, message: message)
    }

    /// What stands there, of whatever kind.
    package func required(_ name: String) throws(XMLRPCFault) -> XMLRPCValue {
        guard let value = members[name] else { throw Self.fault("\(place) lacks the member '\(name)'") }
        return value
    }

    private func wrong(_ name: String, _ expected: String) -> XMLRPCFault {
        Self.fault("member '\(name)' of \(place) must be \(expected)")
    }

    package func has(_ name: String) -> Bool { members[name] != nil }

    package func int(_ name: String, in range: ClosedRange<Int>) throws(XMLRPCFault) -> Int {
        guard case .int(let value) = try required(name), range.contains(Int(value)) else {
            throw wrong(name, "an int from \(range.lowerBound) to \(range.upperBound)")
        }
        return Int(value)
    }

    package func string(_ name: String, byteCountMax: Int = 4096) throws(XMLRPCFault) -> String {
        guard case .string(let value) = try required(name), value.utf8.count <= byteCountMax else {
            throw wrong(name, "a string of at most \(byteCountMax) bytes")
        }
        guard StreamSafeText.isSafe(value) else { throw wrong(name, Self.fewCombining) }
        return value
    }

    private static let fewCombining = "text with fewer combining characters in a row"

    /// For people, and of other programs' making: what is not fit to be handled is left out.
    package func text(_ name: String, byteCountMax: Int) throws(XMLRPCFault) -> String {
        guard case .string(let value) = try required(name), value.utf8.count <= byteCountMax else {
            throw wrong(name, "a string of at most \(byteCountMax) bytes")
        }
        return StreamSafeText.cut(value)
    }

    /// Visible ASCII, fit for a header.
    package func word(_ name: String, byteCountMax: Int) throws(XMLRPCFault) -> String {
        let text = try string(name, byteCountMax: byteCountMax)
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw wrong(name, "a word of visible ASCII")
        }
        return text
    }

    package func bytes(_ name: String, byteCountMax: Int = 1 << 20) throws(XMLRPCFault) -> [UInt8] {
        guard case .base64(let value) = try required(name), value.count <= byteCountMax else {
            throw wrong(name, "base64 of at most \(byteCountMax) bytes")
        }
        return value
    }

    package func boolean(_ name: String) throws(XMLRPCFault) -> Bool {
        guard case .boolean(let value) = try required(name) else { throw wrong(name, "a boolean") }
        return value
    }

    package func seconds(_ name: String, max: Double = 86_400) throws(XMLRPCFault) -> Duration {
        let value = try number(name)
        guard value >= 0, value <= max else { throw wrong(name, "a number of seconds from 0 to \(Int(max))") }
        return .seconds(value)
    }

    /// A count that may pass 2^31: an int or a double without a fraction, up to 2^53.
    package func count(_ name: String) throws(XMLRPCFault) -> Int64 {
        let value = try number(name)
        guard value >= 0, value <= 9_007_199_254_740_992, value == value.rounded() else {
            throw wrong(name, "a whole number, 0 or more")
        }
        return Int64(value)
    }

    private func number(_ name: String) throws(XMLRPCFault) -> Double {
        switch try required(name) {
        case .int(let value): return Double(value)
        case .double(let value): return value
        default: throw wrong(name, "a number")
        }
    }

    package func array(_ name: String, countMax: Int) throws(XMLRPCFault) -> [XMLRPCValue] {
        guard case .array(let values) = try required(name), values.count <= countMax else {
            throw wrong(name, "an array of at most \(countMax) items")
        }
        return values
    }

    package func structs(_ name: String, countMax: Int) throws(XMLRPCFault) -> [Fields] {
        var items: [Fields] = []
        for value in try array(name, countMax: countMax) {
            items.append(try Fields(value, in: "'\(name)' of \(place)"))
        }
        return items
    }

    package func strings(
        _ name: String, countMax: Int, byteCountMax: Int = 4_096
    ) throws(XMLRPCFault) -> [String] {
        var items: [String] = []
        for value in try array(name, countMax: countMax) {
            guard case .string(let text) = value, text.utf8.count <= byteCountMax else {
                throw wrong(name, "an array of strings of at most \(byteCountMax) bytes")
            }
            guard StreamSafeText.isSafe(text) else { throw wrong(name, Self.fewCombining) }
            items.append(text)
        }
        return items
    }

    package func structure(_ name: String) throws(XMLRPCFault) -> [String: XMLRPCValue] {
        guard case .structure(let members) = try required(name) else { throw wrong(name, "a struct") }
        return members
    }
}

extension Duration {
    /// As the wire carries it.
    package var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}

extension XMLRPCValue {
    /// A string that is the name of something; nil for anything that can't be one.
    package func name(byteCountMax: Int = 255) -> String? {
        guard case .string(let text) = self, text.utf8.count <= byteCountMax, StreamSafeText.isSafe(text) else {
            return nil
        }
        return text
    }

    /// Counts of bytes and records may pass 2^31, so they travel as doubles.
    package static func count(_ value: Int64) -> XMLRPCValue { .double(Double(value)) }
}
