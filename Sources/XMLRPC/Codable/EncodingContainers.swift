/// One generic `encode` stands for the protocols' fifteen: the compiler makes one of it for each type.
struct KeyedEncoding<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let structure: StructureDraft
    let place: CodingPlace
    let options: XMLRPCEncoder

    var codingPath: [any CodingKey] { place.trail.path }

    func encodeNil(forKey key: Key) throws {
        structure.members[key.stringValue] = options.draftOfNil
    }

    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        structure.members[key.stringValue] = try place.draft(of: value, at: .member(key), options)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy keyType: NestedKey.Type, forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> { nestedEncoder(key).container(keyedBy: keyType) }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        nestedEncoder(key).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { nestedEncoder(SuperclassKey()) }
    func superEncoder(forKey key: Key) -> any Encoder { nestedEncoder(key) }

    private func nestedEncoder(_ key: any CodingKey) -> ValueEncoder {
        let encoder = ValueEncoder(place: place.nested(.member(key), depthMax: options.depthMax), options: options)
        structure.members[key.stringValue] = .encoder(encoder)
        return encoder
    }
}

struct UnkeyedEncoding: UnkeyedEncodingContainer {
    let array: ArrayDraft
    let place: CodingPlace
    let options: XMLRPCEncoder

    var codingPath: [any CodingKey] { place.trail.path }
    var count: Int { array.items.count }

    func encodeNil() throws { try append(options.draftOfNil) }

    func encode<Value: Encodable>(_ value: Value) throws {
        try append(place.draft(of: value, at: .item(count), options))
    }

    private func append(_ item: Draft) throws {
        if case .omitted = item {
            let none: XMLRPCValue? = nil
            throw EncodingProblem.nilInArray.error(for: none as Any, at: place.trail.path(to: .item(count)))
        }
        array.items.append(item)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy keyType: NestedKey.Type
    ) -> KeyedEncodingContainer<NestedKey> { nestedEncoder().container(keyedBy: keyType) }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { nestedEncoder().unkeyedContainer() }

    func superEncoder() -> any Encoder { nestedEncoder() }

    private func nestedEncoder() -> ValueEncoder {
        let encoder = ValueEncoder(place: place.nested(.item(count), depthMax: options.depthMax), options: options)
        array.items.append(.encoder(encoder))
        return encoder
    }
}

struct SingleValueEncoding: SingleValueEncodingContainer {
    let encoder: ValueEncoder

    var codingPath: [any CodingKey] { encoder.codingPath }

    func encodeNil() throws { encoder.set(encoder.options.draftOfNil) }

    func encode<Value: Encodable>(_ value: Value) throws {
        encoder.set(try encoder.place.draft(of: value, at: .itself, encoder.options))
    }
}
