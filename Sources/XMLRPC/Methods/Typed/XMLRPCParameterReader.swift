/// Takes a call's parameters one after the other, and says what is wrong with one by its name.
public struct XMLRPCParameterReader {
    let signature: TypedSignature
    let values: [XMLRPCValue]
    let caller: Caller
    private var position = 0

    init(_ signature: TypedSignature, _ values: [XMLRPCValue], caller: Caller) {
        self.signature = signature
        self.values = values
        self.caller = caller
    }

    var isAtEnd: Bool { position == values.count }

    /// - Throws: -32602 for a parameter that is not of the type.
    mutating func next<Value: XMLRPCCodable>(_ type: Value.Type) throws(XMLRPCFault) -> Value {
        precondition(!isAtEnd, "the count has been checked before")
        defer { position += 1 }
        // What the signature calls an int has 32 bits: a method may well count on it when it adds two of them.
        if Value.xmlrpcType == .int, case .int64(let number) = values[position], Int32(exactly: number) == nil {
            throw signature.mismatch(at: position, "must be from \(Int32.min) to \(Int32.max)")
        }
        do {
            return try XMLRPCDecoder().decode(type, from: values[position])
        } catch let error as DecodingError {
            throw signature.mismatch(at: position, error.ownReason)
        } catch let fault as XMLRPCFault {
            throw fault
        } catch {
            // What a type's own initialiser throws may be for nobody else's eyes.
            throw signature.mismatch(at: position, "is not what was expected")
        }
    }

    /// - Returns: nil for a parameter that was left out, or is `<nil/>`.
    mutating func nextIfPresent<Value: XMLRPCCodable>(_ type: Value.Type) throws(XMLRPCFault) -> Value? {
        if isAtEnd { return nil }
        if values[position].isNil {
            position += 1
            return nil
        }
        return try next(type)
    }
}
