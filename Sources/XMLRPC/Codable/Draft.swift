/// A value that is still being encoded.
///
/// Containers are objects, because an encoder hands them out before they are filled, and may hand one out twice.
enum Draft {
    /// Nothing has been said yet; if that is all, an empty struct.
    case nothing
    /// nil, where nil is left out.
    case omitted
    case value(XMLRPCValue)
    case array(ArrayDraft)
    case structure(StructureDraft)
    /// What another encoder, a superclass's for example, is going to say.
    case encoder(ValueEncoder)

    /// - Returns: nil for what is to be left out.
    /// - Throws: What could not be said when a container was asked for.
    func finished() throws -> XMLRPCValue? {
        switch self {
        case .nothing: .structure([:])
        case .omitted: nil
        case .value(let value): value
        case .array(let array): .array(try array.items.map { try $0.finishedItem() })
        case .structure(let structure): .structure(try structure.members.compactMapValues { try $0.finished() })
        case .encoder(let encoder): try encoder.finished().finished()
        }
    }

    private func finishedItem() throws -> XMLRPCValue {
        if let value = try finished() { return value }
        guard case .encoder(let encoder) = self else { preconditionFailure("an array takes nothing to be left out") }
        throw EncodingProblem.nilInArray.error(for: self, at: encoder.codingPath)
    }
}

final class ArrayDraft {
    var items: [Draft] = []
}

final class StructureDraft {
    var members: [String: Draft] = [:]
}
