/// What a value's `encode(to:)` writes to.
final class ValueEncoder: Encoder {
    let options: XMLRPCEncoder
    let place: CodingPlace
    private(set) var draft = Draft.nothing
    /// Asking for a container can't fail, so that what is wrong with it waits here.
    private var problem: EncodingProblem?

    init(place: CodingPlace, options: XMLRPCEncoder) {
        self.place = place
        self.options = options
        if isTooDeep { problem = .tooDeep(depthMax: options.depthMax) }
    }

    private var isTooDeep: Bool { place.level > options.depthMax }

    var codingPath: [any CodingKey] { place.trail.path }
    var userInfo: [CodingUserInfoKey: Any] { options.userInfo }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        let structure: StructureDraft
        if case .structure(let begun) = draft { structure = begun } else { structure = StructureDraft() }
        begin(.structure(structure))
        return KeyedEncodingContainer(KeyedEncoding(structure: structure, place: place, options: options))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        let array: ArrayDraft
        if case .array(let begun) = draft { array = begun } else { array = ArrayDraft() }
        begin(.array(array))
        return UnkeyedEncoding(array: array, place: place, options: options)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { SingleValueEncoding(encoder: self) }

    /// Says what the whole value is.
    func set(_ value: Draft) { begin(value) }

    func finished() throws -> Draft {
        if let problem { throw problem.error(for: draft, at: codingPath) }
        return draft
    }

    private func begin(_ next: Draft) {
        // What is past the limit is not kept: to destroy it would nest as deep as it does.
        if isTooDeep { return }
        switch (draft, next) {
        case (.nothing, _), (.structure, .structure), (.array, .array): draft = next
        case (.omitted, _), (.value, _), (.structure, _), (.array, _), (.encoder, _): problem = .saidTwice
        }
    }
}

extension CodingPlace {
    /// Encodes what stands one step from here.
    func draft<Value: Encodable>(
        of value: Value, at step: CodingStep, _ options: XMLRPCEncoder
    ) throws -> Draft {
        do throws(EncodingProblem) {
            guard level(after: step) <= options.depthMax else { throw .tooDeep(depthMax: options.depthMax) }
            if let value = value as? any DirectlyCodable { return .value(try value.encoded(options)) }
            if let bytes = value as? any RangeReplaceableCollection<UInt8> { return .value(.base64(array(of: bytes))) }
            guard callDepth < CodingPlace.callDepthMax(options.depthMax) else {
                throw .wrappedTooOften(depthMax: options.depthMax)
            }
        } catch {
            throw error.error(for: value, at: trail.path(to: step))
        }
        let encoder = ValueEncoder(place: after(step), options: options)
        try value.encode(to: encoder)
        return try encoder.finished()
    }

}

extension XMLRPCEncoder {
    var draftOfNil: Draft {
        switch nils {
        case .omit: .omitted
        case .extension: .value(.nil)
        }
    }
}

private func array(of bytes: some RangeReplaceableCollection<UInt8>) -> [UInt8] { Array(bytes) }
