import ArgumentParser

/// What `mr-master` is told of files for its tasks.
struct ShippedFileOptions: ParsableArguments {
    @Option(
        name: .customLong("files"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "streaming: a file that programs find under its last name in their working folder, which then is one of their own; may be repeated.",
            valueName: "path"))
    var files: [String] = []

    @Option(
        name: .customLong("archives"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "streaming: a tar (also compressed) or zip archive that programs find unpacked in a folder of that name; may be repeated.",
            valueName: "path[#name]"))
    var archives: [String] = []
}
