/// Why a value can't be encoded; the text never repeats the value.
enum EncodingProblem: Error {
    case tooDeep(depthMax: Int)
    case wrappedTooOften(depthMax: Int)
    case wideInteger
    case pastInt64
    case notFinite
    case notXML(scalar: UInt32)
    case nilOutsideStruct
    case nilInArray
    case saidTwice

    var reason: String {
        switch self {
        case .tooDeep(let depthMax): "values are nested deeper than the limit of \(depthMax)"
        case .wrappedTooOften(let depthMax):
            "types wrap each other too often for the limit of \(depthMax) levels; does one encode itself?"
        case .wideInteger: "needs more than the 32 bits of an int; i8 must be asked for (XMLRPCEncoder.wideIntegers)"
        case .pastInt64: "needs more than the 64 bits of an i8"
        case .notFinite: "is not finite, and XML-RPC has no such double"
        case .notXML(let scalar):
            "holds U+\(String(scalar, radix: 16, uppercase: true)), which XML can't carry; send the text as base64"
        case .nilOutsideStruct: "is nil outside a struct; <nil/> must be asked for (XMLRPCEncoder.nils)"
        case .nilInArray:
            "is nil inside an array, which can't leave it out; <nil/> must be asked for (XMLRPCEncoder.nils)"
        case .saidTwice: "is encoded more than once"
        }
    }

    /// - Parameter value: What could not be encoded.
    func error(for value: Any, at path: [any CodingKey]) -> EncodingError {
        .invalidValue(
            value, EncodingError.Context(codingPath: path, debugDescription: reason, underlyingError: self))
    }
}

extension EncodingError {
    /// What was wrong and where, as long as it was this encoder that found it: the words of a value's own `encode(to:)`
    /// may be for nobody else's eyes.
    var ownReason: String? {
        guard case .invalidValue(_, let context) = self, let problem = context.underlyingError as? EncodingProblem
        else { return nil }
        let path = codingPathText(context.codingPath)
        return path.isEmpty ? problem.reason : "\(path) \(problem.reason)"
    }
}
