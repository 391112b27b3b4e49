import ApplicationAPI
import CommandSupport
import Streaming

/// Which application the command line asks for, and with which of its options.
enum ApplicationFlags {
    private static let defaultName = "wordcount"

    static func choice(
        of options: MasterOptions, registry: ApplicationRegistry
    ) throws(ProgramFailure) -> (name: String, values: [String: [UInt8]]) {
        let name = try name(of: options)
        var values = try collect(options)
        try StreamingFlags.add(options, to: &values, application: name)
        try KeyFlags.add(options, to: &values, application: name)
        guard registry.type(named: name) != nil else {
            try checkOwn(name, options, registry: registry)
            return (name, values)
        }
        if name == Streaming.name, values["folder"] == nil { values["folder"] = ProgramEnvironment.currentFolder }
        do {
            _ = try registry.make(name, options: values)
        } catch {
            throw .wrongUsage("\(error)")
        }
        return (name, values)
    }

    /// Programs need no `--app`: only one application runs them.
    private static func name(of options: MasterOptions) throws(ProgramFailure) -> String {
        let programs = [("mapper", options.mapper), ("reducer", options.reducer), ("combiner", options.combiner)]
        guard let given = programs.first(where: { $0.1 != nil })?.0 else { return options.app ?? defaultName }
        guard options.app == nil || options.app == Streaming.name else {
            throw .wrongUsage(
                "--\(given) names a program, which only --app \(Streaming.name) runs; leave --app '\(options.app ?? "")' out, or --\(given)"
            )
        }
        return Streaming.name
    }

    private static func collect(_ options: MasterOptions) throws(ProgramFailure) -> [String: [UInt8]] {
        var values: [String: [UInt8]] = [:]
        if options.lowercase { values["lowercase"] = [] }
        if options.letters { values["letters"] = [] }
        if options.unique { values["unique"] = [] }
        let texts = [
            "pattern": options.pattern, "mapper": options.mapper, "reducer": options.reducer,
            "combiner": options.combiner,
        ]
        for case (let name, let text?) in texts { values[name] = RawArguments.bytes(of: text) }
        for text in options.options {
            guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
                throw .wrongUsage("--option '\(text)' is not KEY=VALUE, as in min=40")
            }
            let key = String(text[..<equals])
            guard values[key] == nil else { throw .wrongUsage("option '\(key)' is given twice; give it once") }
            values[key] = RawArguments.bytes(of: String(text[text.index(after: equals)...]))
        }
        return values
    }

    /// An application that isn't built in runs only on workers that bring it: a slip of the pen must not wait for those.
    private static func checkOwn(
        _ name: String, _ options: MasterOptions, registry: ApplicationRegistry
    ) throws(ProgramFailure) {
        let known = registry.names.joined(separator: ", ")
        guard (1...255).contains(name.utf8.count) else {
            throw .wrongUsage("--app '\(name)' is not a name of 1 to 255 bytes; built in are \(known)")
        }
        guard options.workerProgram != nil || options.workers == "0" else {
            throw .wrongUsage(
                "--app '\(name)' is not built in (those are \(known)); name the program of your own worker with --worker-program, or leave --workers out and start mr-worker --script FILE"
            )
        }
        if let near = registry.names.first(where: { EditDistance.areNear($0, name) }) {
            throw .wrongUsage("--app '\(name)' is not built in; did you mean '\(near)'?")
        }
    }
}

/// How many letters apart two words are.
enum EditDistance {
    /// Whether one may be meant for the other. Words of three letters are near to too many others.
    static func areNear(_ left: String, _ right: String) -> Bool {
        between(left, right) <= min(2, min(left.utf8.count, right.utf8.count) / 2)
    }

    static func between(_ left: String, _ right: String) -> Int {
        let right = Array(right.utf8)
        var row = Array(0...right.count)
        for (index, letter) in left.utf8.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let replaced = diagonal + (right[column] == letter ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, row[column + 1] + 1)
            }
        }
        return row[right.count]
    }
}
