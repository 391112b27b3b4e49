import ArgumentParser

/// What `mr-master` is told of fields in lines.
struct KeyOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "streaming: the fields that bring lines of mappers to the same reducer, as in 1,2. (default: 1)",
            valueName: "fields"))
    var partitionKey: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "streaming, sort: the fields that lines are sorted by, as in 1,2nr, where n compares numbers and r reverses. (default: those of --partition-key; sort: the whole line)",
            valueName: "fields"))
    var sortKey: String?

    @Option(
        help: ArgumentHelp(
            #"streaming, sort: the byte between the fields of these two; \t is a tab and \0 a NUL. (default: a tab)"#,
            valueName: "byte"))
    var fieldSeparator: String?

    @Flag(
        help:
            "streaming: give the parts ranges of keys, cut by what the mapper makes of a sample of the input, which runs here. One after the other the parts are then in order."
    )
    var totalOrder = false
}
