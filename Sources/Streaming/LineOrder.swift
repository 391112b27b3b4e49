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
    /// How many fields of the sort key lines in one part have in common where parts are ranges.
    let rangeFieldCount: Int

    static let options = [
        ApplicationOption(
            "partition-key",
            "fields of the mapper's lines, as in 1,2: lines with the same ones go to one reducer (default: 1)"),
        ApplicationOption(
            "sort-key",
            "fields by which a reducer's lines are sorted, as in 1,2nr: n by number, r in reverse (default: partition-key)"
        ),
        ApplicationOption("field-separator", "the byte between fields (default: a tab)"),
        ApplicationOption(
            "total-order", "gives the parts ranges of keys, so that together they are in order", kind: .flag),
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
        let isTotal = try options.flag("total-order")
        let numbers = partition ?? (isTotal ? sort?.prefix(1).map(\.number) : nil) ?? [1]
        let fields = sort ?? numbers.map { SortField(number: $0) }
        guard !isTotal || fields.map(\.number).starts(with: numbers) else {
            throw ApplicationOptionError(
                "partition-key", value: options.bytes("partition-key") ?? [],
                problem:
                    "does not name the first fields of sort-key, as total-order needs it: parts are ranges of these")
        }
        partitionKey = PartitionKey(numbers, separator: separator)
        rangeFieldCount = numbers.count
        sortKey = SortKey(fields, separator: separator)
        combinedSortKey = SortKey(fields, separator: separator)
    }

    func rangeKey(of key: Bytes) -> Bytes { sortKey.firstFields(rangeFieldCount, of: key) }

    func part(of key: Bytes, partCount: Int) -> Int {
        partitionKey.part(of: sortKey.line(in: key), partCount: partCount)
    }
}
