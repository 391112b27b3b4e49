import ApplicationAPI
import LineKeys

/// In which order lines come to reducers, and which of them to the same one, where options name fields for that.
///
/// A pair's key is then one of `sortKey`'s, which holds the whole line, and its value is empty.
struct LineOrder: Sendable {
    let sortKey: SortKey
    /// The same for what a combiner writes: it runs while a key of the mapper's waits for room.
    let combinedSortKey: SortKey
    let partitionKey: PartitionKey

    static let options = [
        ApplicationOption(
            "partition-key",
            "fields of the mapper's lines, as in 1,2: lines with the same ones go to one reducer (default: 1)"),
        ApplicationOption(
            "sort-key",
            "fields by which a reducer's lines are sorted, as in 1,2nr: n by number, r in reverse (default: partition-key)"
        ),
        ApplicationOption("field-separator", "the byte between fields (default: a tab)"),
    ]

    /// - Returns: nil where lines are pairs of a key and a value.
    /// - Throws: `ApplicationOptionError`
    init?(_ options: ApplicationOptions) throws {
        let separator = try FieldSeparator.byte("field-separator", in: options)
        let partition = try FieldList.numbers("partition-key", in: options)
        let sort = try FieldList.sortFields("sort-key", in: options)
        guard partition != nil || sort != nil else {
            if options.bytes("field-separator") == nil { return nil }
            throw ApplicationOptionError(
                "field-separator",
                problem: "says nothing without sort-key or partition-key; leave it out, or name fields")
        }
        let numbers = partition ?? [1]
        partitionKey = PartitionKey(numbers, separator: separator)
        let fields = sort ?? numbers.map { SortField(number: $0) }
        sortKey = SortKey(fields, separator: separator)
        combinedSortKey = SortKey(fields, separator: separator)
    }

    func part(of key: Bytes, partCount: Int) -> Int {
        partitionKey.part(of: sortKey.line(in: key), partCount: partCount)
    }
}
