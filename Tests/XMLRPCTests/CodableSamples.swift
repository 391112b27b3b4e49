import TestSupport
import XMLRPC

/// Every standard type at once, nested in every way that `Codable` has.
struct Everything: Codable, Equatable {
    var flag: Bool
    var int: Int
    var int8: Int8
    var int16: Int16
    var int32: Int32
    var int64: Int64
    var uint: UInt
    var uint8: UInt8
    var uint16: UInt16
    var uint32: UInt32
    var uint64: UInt64
    var double: Double
    var float: Float
    var text: String
    var bytes: [UInt8]
    var moreBytes: ContiguousArray<UInt8>
    var date: XMLRPCDateTime
    var anything: XMLRPCValue
    var maybe: Int?
    var maybeText: String?
    var maybeBytes: [UInt8]?
    var numbers: [Int]
    var byteRows: [[UInt8]]
    var names: [String: Int]
    var numbered: [Int: String]
    var unique: Set<String>
    var colour: Colour
    var shape: Shape
    var range: Range<Int>
    var deeper: [Everything]
}

enum Colour: String, Codable, CaseIterable {
    case red, green, blue
}

enum Shape: Codable, Equatable {
    case point
    case circle(radius: Double)
    indirect case pair(Shape, Shape?)
}

extension SplitMix64 {
    mutating func everything(depthMax: Int) -> Everything {
        Everything(
            flag: Bool.random(using: &self), int: integer(), int8: integer(), int16: integer(), int32: integer(),
            int64: integer(), uint: integer(below: 1 << 62), uint8: integer(), uint16: integer(), uint32: integer(),
            uint64: integer(below: 1 << 62), double: finiteDouble(),
            float: Float(Int32(truncatingIfNeeded: next())) / 8, text: name(), bytes: bytes(),
            moreBytes: ContiguousArray(bytes()), date: date(), anything: value(depthMax: 2),
            maybe: maybe { $0.integer() }, maybeText: maybe { $0.name() }, maybeBytes: maybe { $0.bytes() },
            numbers: (0..<size()).map { _ in integer() }, byteRows: (0..<size()).map { _ in bytes() },
            names: Dictionary((0..<size()).map { _ in (name(), integer()) }) { $1 },
            numbered: Dictionary((0..<size()).map { _ in (integer(), name()) }) { $1 },
            unique: Set((0..<size()).map { _ in name() }), colour: Colour.allCases.randomElement(using: &self) ?? .red,
            shape: shape(depthMax: 4), range: 0..<Int.random(in: 0..<1000, using: &self),
            deeper: depthMax > 1 ? (0..<size() / 2).map { _ in everything(depthMax: depthMax - 1) } : [])
    }

    private mutating func integer<Integer: FixedWidthInteger>(below bound: Integer = .max) -> Integer {
        let number = Integer(truncatingIfNeeded: next() >> UInt64.random(in: 0..<64, using: &self))
        return number % bound
    }

    private mutating func finiteDouble() -> Double {
        let number = Double(bitPattern: next())
        return number.isFinite ? number : 0.1
    }

    private mutating func size() -> Int { Int.random(in: 0..<4, using: &self) }

    private mutating func name() -> String {
        String((0..<size()).map { _ in "aé<&\r\u{FEFF}\u{10FFFF}z 0".randomElement(using: &self) ?? "a" })
    }

    private mutating func bytes() -> [UInt8] { (0..<size()).map { _ in integer() } }

    private mutating func date() -> XMLRPCDateTime {
        XMLRPCDateTime(secondsSinceEpoch: Int64.random(in: -62_000_000_000..<250_000_000_000, using: &self))
            ?? XMLRPCDateTime(year: 1998, month: 7, day: 17)!
    }

    private mutating func maybe<Value>(_ make: (inout SplitMix64) -> Value) -> Value? {
        Bool.random(using: &self) ? make(&self) : nil
    }

    private mutating func shape(depthMax: Int) -> Shape {
        switch Int.random(in: 0..<(depthMax > 1 ? 3 : 2), using: &self) {
        case 0: .point
        case 1: .circle(radius: finiteDouble())
        default: .pair(shape(depthMax: depthMax - 1), maybe { $0.shape(depthMax: depthMax - 1) })
        }
    }
}

/// A class and its subclass, which encodes its superclass by `superEncoder()`.
class Vehicle: Codable {
    var wheelCount: Int

    init(wheelCount: Int) { self.wheelCount = wheelCount }
}

final class Bicycle: Vehicle {
    var bell: String

    private enum CodingKeys: CodingKey { case bell }

    init(bell: String) {
        self.bell = bell
        super.init(wheelCount: 2)
    }

    required init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        bell = try container.decode(String.self, forKey: .bell)
        try super.init(from: container.superDecoder())
    }

    override func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(bell, forKey: .bell)
        try super.encode(to: container.superEncoder())
    }
}

/// Written by hand, with nested containers of both kinds.
struct Grid: Codable, Equatable {
    var title: String
    var cells: [[Int]]

    private enum CodingKeys: CodingKey { case head, rows }
    private enum HeadKeys: CodingKey { case title }

    init(title: String, cells: [[Int]]) {
        self.title = title
        self.cells = cells
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        title = try container.nestedContainer(keyedBy: HeadKeys.self, forKey: .head).decode(String.self, forKey: .title)
        var rows = try container.nestedUnkeyedContainer(forKey: .rows)
        cells = []
        while !rows.isAtEnd {
            var row = try rows.nestedUnkeyedContainer()
            var numbers: [Int] = []
            while !row.isAtEnd { numbers.append(try row.decode(Int.self)) }
            cells.append(numbers)
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        var head = container.nestedContainer(keyedBy: HeadKeys.self, forKey: .head)
        try head.encode(title, forKey: .title)
        var rows = container.nestedUnkeyedContainer(forKey: .rows)
        for row in cells {
            var numbers = rows.nestedUnkeyedContainer()
            for number in row { try numbers.encode(number) }
        }
    }
}
