import ArgumentParser

/// What ``MasterOptions`` has of the form of input and output.
struct FormOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What a record of the input is: a line (lines), what ends with NUL (nul), N bytes (fixed:N), a record of RFC 4180 with line ends in its quotes (csv), or a whole file (file). (default: lines, unless the application asks for something else)",
            valueName: "format"))
    var inputFormat: String?

    @Flag(help: "Pass over the first record of each input file.")
    var skipHeader = false

    @Option(
        help: ArgumentHelp(
            "What parts have for a key and its value: both with a TAB between (text), the key (key), or an object on a line of its own (json).",
            valueName: "format"))
    var outputFormat = "text"

    @Option(
        help: ArgumentHelp(
            "Compress parts, whose names then end with .gz or .zst: gz or zst. A file of --merge is compressed when its own name ends so.",
            valueName: "format"))
    var compress: String?
}
