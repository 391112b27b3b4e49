import ApplicationAPI

extension ExactDecimal {
    /// One of a key's numbers; nil of no values.
    ///
    /// - Parameter isBetter: Whether the first takes the place of the second.
    static func chosen(
        of values: inout Values, by isBetter: (ExactDecimal, ExactDecimal) -> Bool
    ) throws -> ExactDecimal? {
        var chosen: ExactDecimal?
        while let value = values.next() {
            let number = try ExactDecimal(decoding: value)
            if chosen.map({ isBetter(number, $0) }) ?? true { chosen = number }
        }
        return chosen
    }
}
