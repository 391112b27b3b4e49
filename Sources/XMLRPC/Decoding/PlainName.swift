/// The name of an element as its bytes, up to seven of them, in one number; longer names have numbers of their own.
struct PlainName: Hashable {
    let packed: UInt64

    /// - Parameter packed: Bytes of the name from the lowest byte up, zeros above them.
    init(packed: UInt64) {
        self.packed = packed
    }

    /// The few names of XML-RPC that do not fit.
    static let long: [(text: StaticString, name: PlainName)] = [
        ("methodName", methodName), ("methodResponse", methodResponse), ("methodCall", methodCall),
        ("dateTime.iso8601", dateTime),
    ]
    private static let methodName = PlainName(number: 1)
    private static let methodResponse = PlainName(number: 2)
    private static let methodCall = PlainName(number: 3)
    private static let dateTime = PlainName(number: 4)

    /// nil for names that XML-RPC doesn't have.
    @inline(__always)
    var element: Element? { Self.elements.find(self) }

    private static let elements: PlainNameTable = {
        let short: [(String, Element)] = [
            ("value", .value), ("string", .scalar(.string)), ("struct", .structure), ("name", .name), ("nil", .nil),
            ("member", .member), ("int", .scalar(.int)), ("i4", .scalar(.int)), ("i8", .scalar(.int64)),
            ("i2", .scalar(.int16)), ("i1", .scalar(.int8)), ("param", .param), ("params", .params),
            ("data", .data), ("double", .scalar(.double)), ("boolean", .scalar(.boolean)),
            ("base64", .scalar(.base64)), ("array", .array), ("fault", .fault),
        ]
        let long: [(PlainName, Element)] = [
            (methodName, .methodName), (methodResponse, .methodResponse), (methodCall, .methodCall),
            (dateTime, .scalar(.dateTime)),
        ]
        return PlainNameTable(short.map { (PlainName($0), $1) } + long)
    }()

    /// - Parameter number: Stands in the one byte that no packed name uses, so that none equals it.
    private init(number: UInt64) {
        packed = number << 56
    }

    private init(_ text: String) {
        packed = text.utf8.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// A small hash table with open addressing: it is asked once for every start tag.
private struct PlainNameTable {
    private static let bitCount: UInt64 = 6

    private struct Slot {
        var name = PlainName(packed: 0)
        var element: Element?
    }

    private var slots = [Slot](repeating: Slot(), count: 1 << Int(bitCount))

    init(_ elements: [(PlainName, Element)]) {
        for (name, element) in elements {
            var index = Self.index(name)
            while slots[index].element != nil { index = Self.next(index) }
            slots[index] = Slot(name: name, element: element)
        }
    }

    func find(_ name: PlainName) -> Element? {
        var index = Self.index(name)
        // Two slots in three are empty: the search ends.
        while slots[index].name != name {
            if slots[index].element == nil { return nil }
            index = Self.next(index)
        }
        return slots[index].element
    }

    private static func index(_ name: PlainName) -> Int {
        Int(truncatingIfNeeded: (name.packed &* 0x9E37_79B9_7F4A_7C15) >> (64 - bitCount))
    }

    private static func next(_ index: Int) -> Int { (index + 1) & (1 << Int(bitCount) - 1) }
}
