import XMLRPC

extension BuiltInFunctions {
    static let order = [
        BuiltInFunction("min(values, *more)", "The least item of an array, or the least of several arguments") {
            try extreme($0) { try isLess($0, $1) }
        },
        BuiltInFunction("max(values, *more)", "The greatest item of an array, or the greatest of several arguments") {
            try extreme($0) { try isLess($1, $0) }
        },
        BuiltInFunction("sorted(values, *, reverse=false)", "The items in order; equal ones stay in theirs") { call in
            let isReversed = try call.optional("reverse")?.boolean() ?? false
            let items = try call["values"].array()
            return try call.ordering {
                // Sorting keeps the order of equal items, also when it goes down.
                var sorted = isReversed ? items.reversed() : items
                try sorted.sort { try isLess($0, $1) }
                return .array(isReversed ? sorted.reversed() : sorted)
            }
        },
        BuiltInFunction("unique(values)", "The items without repetitions, in the order of their first places") { call in
            var seen: Set<ValueIdentity> = []
            return .array(try call["values"].array().filter { seen.insert(ValueIdentity($0)).inserted })
        },
    ]

    /// - Parameter isBetter: Whether the first is to be chosen rather than the second, which came earlier.
    private static func extreme(
        _ call: FunctionCall, _ isBetter: (XMLRPCValue, XMLRPCValue) throws -> Bool
    ) throws -> XMLRPCValue {
        let values = call.more.isEmpty ? try call["values"].array() : [call["values"].value] + call.more.map(\.value)
        guard var best = values.first else { throw call.undefined("an empty array has no least or greatest item") }
        return try call.ordering {
            for value in values.dropFirst() where try isBetter(value, best) { best = value }
            return best
        }
    }
}

extension FunctionCall {
    fileprivate func ordering(_ body: () throws -> XMLRPCValue) throws -> XMLRPCValue {
        do {
            return try body()
        } catch let pair as NoOrder {
            throw undefined("\(ShownText.type(pair.left)) and \(ShownText.type(pair.right)) have no order")
        }
    }
}
