/// For members whose type is known only when they are there. ``XMLRPCEncoder`` and ``XMLRPCDecoder`` pass the value
/// through; no other coder has a form for it, and all others refuse it.
extension XMLRPCValue: Codable {
    public init(from decoder: any Decoder) throws {
        guard let decoder = decoder as? ValueDecoder else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath, debugDescription: "only XMLRPCDecoder decodes an XMLRPCValue"))
        }
        self = decoder.value
    }

    public func encode(to encoder: any Encoder) throws {
        guard let encoder = encoder as? ValueEncoder else {
            throw EncodingError.invalidValue(
                self,
                EncodingError.Context(
                    codingPath: encoder.codingPath, debugDescription: "only XMLRPCEncoder encodes an XMLRPCValue"))
        }
        encoder.set(.value(self))
    }
}
