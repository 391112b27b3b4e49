import Model

/// Writes values down one after the other.
///
///     natural number  7 bits a byte, lowest first, the high bit set in all bytes but the last (LEB128)
///     whole number    its zigzag form (0, -1, 1, -2, ...), as a natural number
///     bytes, text     their count, then they themselves
///     list            its count, then its elements
struct RecordWriter {
    private(set) var bytes: [UInt8] = []
    /// Lists of map outputs that were written already, to be named by their position: many answers share one.
    private(set) var sharedSources: [[MapOutputHolding]] = []
    /// Names of counters that were written already, with their positions: all attempts of a job have the same few.
    private var counterNames: [CounterName: Int] = [:]

    mutating func write(_ value: some Recorded) { value.record(in: &self) }

    mutating func write(byte: UInt8) { bytes.append(byte) }

    /// A case of an enumeration.
    mutating func write(tag: UInt8) { bytes.append(tag) }

    mutating func write(bits: UInt64) {
        var rest = bits
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// - Precondition: `number` is 0 or more.
    mutating func write(natural number: Int) {
        precondition(number >= 0, "\(number) is written as a natural number")
        write(bits: UInt64(number))
    }

    mutating func write(_ number: Int) { write(Int64(number)) }

    mutating func write(_ number: Int64) { write(bits: UInt64(bitPattern: (number << 1) ^ (number >> 63))) }

    mutating func write(_ flag: Bool) { bytes.append(flag ? 1 : 0) }

    mutating func write(_ content: [UInt8]) {
        write(natural: content.count)
        bytes += content
    }

    mutating func write(_ text: String) {
        write(natural: text.utf8.count)
        bytes += text.utf8
    }

    mutating func write(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        write(seconds)
        // Clocks tell nanoseconds: the last number is nearly always 0.
        write(attoseconds / 1_000_000_000)
        write(attoseconds % 1_000_000_000)
    }

    mutating func write(_ values: [some Recorded]) { write(values) { $0.write($1) } }

    mutating func write<Element>(_ values: [Element], _ each: (inout RecordWriter, Element) -> Void) {
        write(natural: values.count)
        for value in values { each(&self, value) }
    }

    mutating func write<Value>(_ value: Value?, _ content: (inout RecordWriter, Value) -> Void) {
        write(value != nil)
        if let value { content(&self, value) }
    }

    mutating func write(_ value: (some Recorded)?) { write(value) { $0.write($1) } }

    /// By reference to an equal list that was written before, if there is one.
    mutating func write(shared sources: [MapOutputHolding]) {
        if let position = sharedSources.firstIndex(where: { Self.isSame($0, sources) }) {
            write(natural: position)
            return
        }
        write(natural: sharedSources.count)
        sharedSources.append(sources)
        write(sources)
    }

    /// By reference to an equal name that was written before, if there is one.
    mutating func write(shared name: CounterName) {
        if let position = counterNames[name] { return write(natural: position) }
        write(natural: counterNames.count)
        counterNames[name] = counterNames.count
        write(name.group)
        write(name.name)
    }

    /// Lists with the same storage are equal without a look at their elements.
    private static func isSame(_ one: [MapOutputHolding], _ other: [MapOutputHolding]) -> Bool {
        let isOneStorage = one.withUnsafeBufferPointer { left in
            other.withUnsafeBufferPointer { right in left.baseAddress == right.baseAddress && left.count == right.count
            }
        }
        return isOneStorage || one == other
    }
}
