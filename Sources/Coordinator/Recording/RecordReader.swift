import Model

/// Reads back what ``RecordWriter`` wrote. Bytes that it can't have written are an error, never a trap.
struct RecordReader {
    private let bytes: ArraySlice<UInt8>
    private var position: Int
    private var sharedSources: [[MapOutputHolding]] = []
    private var counterNames: [CounterName] = []

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        position = bytes.startIndex
    }

    init(_ bytes: [UInt8]) { self.init(bytes[...]) }

    var isAtEnd: Bool { position == bytes.endIndex }

    func expectEnd() throws(RecordError) {
        guard isAtEnd else { throw error("\(bytes.endIndex - position) bytes too many") }
    }

    func error(_ detail: String) -> RecordError { RecordError(detail: detail, offset: position - bytes.startIndex) }

    mutating func byte() throws(RecordError) -> UInt8 {
        guard position < bytes.endIndex else { throw error("the record ends too soon") }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func bits() throws(RecordError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            let low = UInt64(next & 0x7f)
            guard shift < 63 || (shift == 63 && low <= 1) else { throw error("a number of more than 64 bits") }
            value |= low << shift
            if next < 0x80 { return value }
            shift += 7
        }
    }

    mutating func natural() throws(RecordError) -> Int {
        let value = try bits()
        guard let number = Int(exactly: value) else { throw error("\(value) is out of range") }
        return number
    }

    /// A number that must be 1 or more: what things are numbered by.
    mutating func ordinal() throws(RecordError) -> Int {
        let number = try natural()
        guard number >= 1 else { throw error("numbered 0, where the first is 1") }
        return number
    }

    mutating func int64() throws(RecordError) -> Int64 {
        let value = try bits()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    mutating func int() throws(RecordError) -> Int { Int(try int64()) }

    mutating func bool() throws(RecordError) -> Bool {
        switch try byte() {
        case 0: return false
        case 1: return true
        case let other: throw error("neither true nor false: \(other)")
        }
    }

    mutating func content() throws(RecordError) -> [UInt8] {
        let count = try natural()
        guard count <= bytes.endIndex - position else { throw error("\(count) bytes are announced and not there") }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    mutating func text() throws(RecordError) -> String {
        guard let text = String(validating: try content(), as: UTF8.self) else { throw error("text that is not UTF-8") }
        return text
    }

    mutating func duration() throws(RecordError) -> Duration {
        let seconds = try int64()
        let nanoseconds = try int64()
        let rest = try int64()
        guard seconds.magnitude < 1 << 40, nanoseconds.magnitude < 1_000_000_000, rest.magnitude < 1_000_000_000 else {
            throw error("a duration of \(seconds) s and \(nanoseconds) ns")
        }
        return Duration(
            secondsComponent: seconds, attosecondsComponent: nanoseconds * 1_000_000_000 + rest)
    }

    mutating func value<Value: Recorded>(_ type: Value.Type = Value.self) throws(RecordError) -> Value {
        try Value(from: &self)
    }

    mutating func list<Element: Recorded>(of type: Element.Type = Element.self) throws(RecordError) -> [Element] {
        try list { reader throws(RecordError) in try Element(from: &reader) }
    }

    mutating func list<Element>(
        _ each: (inout RecordReader) throws(RecordError) -> Element
    ) throws(RecordError) -> [Element] {
        let count = try natural()
        var elements: [Element] = []
        // Each takes a byte at least: a count that was made up reserves no more than there are.
        elements.reserveCapacity(min(count, bytes.endIndex - position))
        for _ in 0..<count { elements.append(try each(&self)) }
        return elements
    }

    mutating func optional<Value>(
        _ content: (inout RecordReader) throws(RecordError) -> Value
    ) throws(RecordError) -> Value? {
        try bool() ? try content(&self) : nil
    }

    mutating func optional<Value: Recorded>(_ type: Value.Type = Value.self) throws(RecordError) -> Value? {
        try optional { reader throws(RecordError) in try Value(from: &reader) }
    }

    mutating func checksum() throws(RecordError) -> UInt32 {
        guard let checksum = UInt32(exactly: try bits()) else { throw error("a checksum of more than 32 bits") }
        return checksum
    }

    mutating func sharedCounterName() throws(RecordError) -> CounterName {
        let number = try natural()
        guard number <= counterNames.count else { throw error("name \(number) of a counter was never written") }
        if number == counterNames.count {
            let group = try content()
            let name = try content()
            counterNames.append(CounterName(group: group, name: name))
        }
        return counterNames[number]
    }

    mutating func sharedSourcesList() throws(RecordError) -> [MapOutputHolding] {
        let number = try natural()
        guard number <= sharedSources.count else { throw error("list \(number) of map outputs was never written") }
        if number == sharedSources.count {
            let sources = try list(of: MapOutputHolding.self)
            sharedSources.append(sources)
        }
        return sharedSources[number]
    }
}
