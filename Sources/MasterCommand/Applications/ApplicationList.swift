import ApplicationAPI
import Applications
import JSON
import Streaming

/// What `mr-master --list-apps` prints: each application with its options and an example.
enum ApplicationList {
    static let types = ApplicationRegistry(BuiltInApplications.all + [Streaming.self]).types

    /// Options that are typed as `--lowercase`, because they are older than `--option`.
    private static let namesWithFlag: Set = [
        "lowercase", "letters", "unique", "pattern", "mapper", "reducer", "combiner", "partition-key", "sort-key",
        "field-separator", "total-order",
    ]
    /// Where what an option does begins, in columns.
    private static let summaryColumn = 32

    static var text: String { types.map(text(of:)).joined(separator: "\n") }

    static var json: String { JSONText.array(types.map(json(of:))).text + "\n" }

    private static func text(of type: any Application.Type) -> String {
        var lines = ["\(type.name): \(type.summary)"]
        for option in shownOptions(of: type) {
            let start = "  " + typed(option)
            let gap = String(repeating: " ", count: max(2, summaryColumn - start.utf8.count))
            lines.append(start + gap + option.summary)
        }
        lines += session(of: type).map { "    \($0)" }
        return lines.map { "\($0)\n" }.joined()
    }

    private static func json(of type: any Application.Type) -> JSONText {
        .object([
            ("name", .string(type.name)),
            ("summary", .string(type.summary)),
            (
                "options",
                .array(
                    shownOptions(of: type).map { option in
                        .object([
                            ("name", .string(option.name)), ("summary", .string(option.summary)),
                            ("is_flag", .boolean(option.kind == .flag)), ("typed", .string(typed(option))),
                        ])
                    })
            ),
            ("example", .array(session(of: type).map { .string(String($0)) })),
        ])
    }

    private static func shownOptions(of type: any Application.Type) -> [ApplicationOption] {
        type.options.filter { !$0.isInternal }
    }

    private static func session(of type: any Application.Type) -> [Substring] {
        guard let example = ApplicationExample.all[type.name] else {
            preconditionFailure("application \(type.name) has no example")
        }
        return example.session.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// How it is given on the command line.
    private static func typed(_ option: ApplicationOption) -> String {
        switch (namesWithFlag.contains(option.name), option.kind) {
        case (true, .flag): "--\(option.name)"
        case (true, .value): "--\(option.name) VALUE"
        case (false, .flag): "--option \(option.name)=true"
        case (false, .value): "--option \(option.name)=VALUE"
        }
    }
}
