/// What a type's `init(from:)` reads from.
struct ValueDecoder: Decoder {
    let value: XMLRPCValue
    let place: CodingPlace
    let options: XMLRPCDecoder

    var codingPath: [any CodingKey] { place.trail.path }
    var userInfo: [CodingUserInfoKey: Any] { options.userInfo }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .structure(let members) = value else {
            throw DecodingProblem.wrongType(expected: [.structure], given: value.type)
                .error(for: [String: XMLRPCValue].self, at: codingPath)
        }
        return KeyedDecodingContainer(KeyedDecoding(members: members, place: place, options: options))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let items) = value else {
            throw DecodingProblem.wrongType(expected: [.array], given: value.type)
                .error(for: [XMLRPCValue].self, at: codingPath)
        }
        return UnkeyedDecoding(items: items, place: place, options: options)
    }

    init(value: XMLRPCValue, place: CodingPlace, options: XMLRPCDecoder) {
        self.value = value
        self.place = place
        self.options = options
    }

    /// For a container inside another one.
    init(nested value: XMLRPCValue, at step: CodingStep, in place: CodingPlace, _ options: XMLRPCDecoder) throws {
        guard place.level(after: step) <= options.depthMax else {
            throw DecodingProblem.tooDeep(depthMax: options.depthMax)
                .error(for: XMLRPCValue.self, at: place.trail.path(to: step))
        }
        self.init(value: value, place: place.after(step), options: options)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { SingleValueDecoding(decoder: self) }
}

extension CodingPlace {
    /// Decodes a value that stands one step from here.
    func decoded<Value: Decodable>(
        _ type: Value.Type, from value: XMLRPCValue, at step: CodingStep, _ options: XMLRPCDecoder
    ) throws -> Value {
        do throws(DecodingProblem) {
            guard level(after: step) <= options.depthMax else { throw .tooDeep(depthMax: options.depthMax) }
            if let direct = type as? any DirectlyCodable.Type, let value = try direct.decoded(value) as? Value {
                return value
            }
            if let collection = type as? any RangeReplaceableCollection<UInt8>.Type {
                guard let bytes = value.asBytes else { throw .wrongType(expected: [.base64], given: value.type) }
                if let value = collection.init(bytes) as? Value { return value }
            }
            guard callDepth < CodingPlace.callDepthMax(options.depthMax) else {
                throw .wrappedTooOften(depthMax: options.depthMax)
            }
        } catch {
            throw error.error(for: type, at: trail.path(to: step))
        }
        return try Value(from: ValueDecoder(value: value, place: after(step), options: options))
    }
}
