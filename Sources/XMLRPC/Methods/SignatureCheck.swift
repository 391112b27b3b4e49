extension Method {
    /// Checks parameters against the signatures.
    ///
    /// An int is taken for an i8 or a double as well, since most senders choose the type by the number at hand.
    ///
    /// - Returns: nil if they match one of the signatures; otherwise -32602 with the method, the position, and the types
    ///   that were expected and given.
    func mismatch(_ parameters: [XMLRPCValue]) -> XMLRPCFault? {
        if checksItsParameters { return nil }
        let expectations = signatures.map { $0.dropFirst() }
        if expectations.isEmpty { return nil }
        let candidates = expectations.filter { $0.count == parameters.count }
        if candidates.isEmpty { return wrongCount(parameters.count, expected: expectations.map(\.count)) }

        // The overload that fits furthest is the one that the caller most likely meant.
        let matchCounts = candidates.map { zip($0, parameters).prefix { accepts($1, as: $0) }.count }
        guard let position = matchCounts.max(), position < parameters.count else { return nil }
        let expected = zip(candidates, matchCounts).filter { $0.1 == position }
            .map { types, _ in types[types.startIndex + position].rawValue }
        return XMLRPCFault(
            code: XMLRPCFault.invalidParameters,
            message: "\(name): parameter \(position + 1) must be \(alternatives(expected)), "
                + "not \(parameters[position].type.rawValue)")
    }

    private func wrongCount(_ given: Int, expected: [Int]) -> XMLRPCFault {
        let counts = alternatives(Set(expected).sorted().map(String.init))
        let noun = counts == "1" ? "parameter" : "parameters"
        return XMLRPCFault(
            code: XMLRPCFault.invalidParameters, message: "\(name) takes \(counts) \(noun), not \(given)")
    }
}

private func accepts(_ value: XMLRPCValue, as type: XMLRPCType) -> Bool {
    switch (value.type, type) {
    case (.int, .i8), (.int, .double): true
    case (let given, let expected): given == expected
    }
}

/// "int", "int or string": each once, in the order of first mention.
private func alternatives(_ words: [String]) -> String {
    var distinct: [String] = []
    for word in words where !distinct.contains(word) { distinct.append(word) }
    return distinct.joined(separator: " or ")
}
