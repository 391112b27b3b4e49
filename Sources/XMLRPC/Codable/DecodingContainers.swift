/// One generic `decode` stands for the protocols' fifteen: the compiler makes one of it for each type.
struct KeyedDecoding<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let members: [String: XMLRPCValue]
    let place: CodingPlace
    let options: XMLRPCDecoder

    var codingPath: [any CodingKey] { place.trail.path }
    var allKeys: [Key] { members.keys.compactMap { Key(stringValue: $0) } }

    func contains(_ key: Key) -> Bool { members[key.stringValue] != nil }

    func decodeNil(forKey key: Key) throws -> Bool { try member(key, XMLRPCValue.self).isNil }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try place.decoded(type, from: member(key, type), at: .member(key), options)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try nestedDecoder(member(key, [String: XMLRPCValue].self), key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try nestedDecoder(member(key, [XMLRPCValue].self), key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder {
        let key = SuperclassKey()
        return try nestedDecoder(members[key.stringValue] ?? .nil, key)
    }

    func superDecoder(forKey key: Key) throws -> any Decoder {
        try nestedDecoder(members[key.stringValue] ?? .nil, key)
    }

    private func member(_ key: Key, _ type: any Any.Type) throws -> XMLRPCValue {
        guard let value = members[key.stringValue] else {
            throw DecodingProblem.missing(key).error(for: type, at: codingPath)
        }
        return value
    }

    private func nestedDecoder(_ value: XMLRPCValue, _ key: any CodingKey) throws -> ValueDecoder {
        try ValueDecoder(nested: value, at: .member(key), in: place, options)
    }
}

struct UnkeyedDecoding: UnkeyedDecodingContainer {
    let items: [XMLRPCValue]
    let place: CodingPlace
    let options: XMLRPCDecoder
    private(set) var currentIndex = 0

    init(items: [XMLRPCValue], place: CodingPlace, options: XMLRPCDecoder) {
        self.items = items
        self.place = place
        self.options = options
    }

    var codingPath: [any CodingKey] { place.trail.path }
    var count: Int? { items.count }
    var isAtEnd: Bool { currentIndex == items.count }

    mutating func decodeNil() throws -> Bool {
        guard try item(XMLRPCValue.self).isNil else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let value = try place.decoded(type, from: item(type), at: .item(currentIndex), options)
        currentIndex += 1
        return value
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) throws -> KeyedDecodingContainer<NestedKey> {
        let container = try nestedDecoder([String: XMLRPCValue].self).container(keyedBy: type)
        currentIndex += 1
        return container
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let container = try nestedDecoder([XMLRPCValue].self).unkeyedContainer()
        currentIndex += 1
        return container
    }

    mutating func superDecoder() throws -> any Decoder {
        let decoder = try nestedDecoder(XMLRPCValue.self)
        currentIndex += 1
        return decoder
    }

    private func item(_ type: any Any.Type) throws -> XMLRPCValue {
        guard currentIndex < items.count else {
            throw DecodingProblem.atEnd(count: items.count).error(for: type, at: codingPath)
        }
        return items[currentIndex]
    }

    private func nestedDecoder(_ type: any Any.Type) throws -> ValueDecoder {
        try ValueDecoder(nested: item(type), at: .item(currentIndex), in: place, options)
    }
}

struct SingleValueDecoding: SingleValueDecodingContainer {
    let decoder: ValueDecoder

    var codingPath: [any CodingKey] { decoder.codingPath }

    func decodeNil() -> Bool { decoder.value.isNil }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try decoder.place.decoded(type, from: decoder.value, at: .itself, decoder.options)
    }
}
