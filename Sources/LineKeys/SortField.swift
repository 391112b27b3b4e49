/// One field of a sort key.
package struct SortField: Hashable, Sendable {
    /// From 1.
    package let number: Int
    /// Whether the field's number is compared, as by `sort -n`, and not its bytes.
    package let isNumeric: Bool
    package let isReverse: Bool

    package init(number: Int, isNumeric: Bool = false, isReverse: Bool = false) {
        self.number = number
        self.isNumeric = isNumeric
        self.isReverse = isReverse
    }
}
