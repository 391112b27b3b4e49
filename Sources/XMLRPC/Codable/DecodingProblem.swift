/// Why a value is not of a type; the text, which says what the value must be, never repeats the value.
enum DecodingProblem: Error {
    case wrongType(expected: [XMLRPCType], given: XMLRPCType)
    case outOfRange(String)
    case notDateTime
    case tooDeep(depthMax: Int)
    case wrappedTooOften(depthMax: Int)
    case missing(any CodingKey)
    case atEnd(count: Int)

    var reason: String {
        switch self {
        case .wrongType(let expected, let given):
            "must be \(expected.map(\.rawValue).joined(separator: " or ")), not \(given.rawValue)"
        case .outOfRange(let range): "must be from \(range)"
        case .notDateTime: "must be an existing date and time such as 19980717T14:08:55"
        case .tooDeep(let depthMax): "must not be nested deeper than the limit of \(depthMax) levels"
        case .wrappedTooOften(let depthMax):
            "types wrap each other too often for the limit of \(depthMax) levels; does one decode itself?"
        case .missing(let key): "must have a member \(key.stringValue)"
        case .atEnd(let count): "must have more than \(count) items"
        }
    }

    /// - Parameter type: What could not be decoded.
    func error(for type: any Any.Type, at path: [any CodingKey]) -> DecodingError {
        let context = DecodingError.Context(codingPath: path, debugDescription: reason, underlyingError: self)
        switch self {
        case .wrongType(_, given: .nil), .atEnd: return .valueNotFound(type, context)
        case .wrongType: return .typeMismatch(type, context)
        case .missing(let key): return .keyNotFound(key, context)
        case .outOfRange, .notDateTime, .tooDeep, .wrappedTooOften: return .dataCorrupted(context)
        }
    }
}

extension DecodingError {
    var context: Context? {
        switch self {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
            .dataCorrupted(let context):
            context
        @unknown default: nil
        }
    }

    /// What was wrong and where, in this decoder's words: those of a type's own `init(from:)`, which enums with raw
    /// values have too, may repeat the value.
    var ownReason: String {
        guard let context else { return "is not what was expected" }
        let path = codingPathText(context.codingPath)
        let reason = (context.underlyingError as? DecodingProblem)?.reason ?? "is not one of the values it may have"
        return path.isEmpty ? reason : "\(path) \(reason)"
    }
}
