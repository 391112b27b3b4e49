/// Which arguments a built-in function takes, read from what a list shows: `slice(sequence, start=0, stop=end, step=1)`.
///
/// `name` is needed, `name=...` may be left out; both come by position or as a keyword. `*name` stands for any number of
/// arguments more, and what follows a `*` alone comes as a keyword only.
struct FunctionSignature: Sendable {
    let text: String
    let name: String
    private(set) var required: [String] = []
    private(set) var optional: [String] = []
    private(set) var keywordOnly: [String] = []
    private(set) var repeated: String?

    init(_ text: String) {
        self.text = text
        let parts = text.split(separator: "(", maxSplits: 1)
        precondition(parts.count == 2 && text.hasSuffix(")"), "'\(text)' is no signature")
        name = String(parts[0])
        var isPositional = true
        for part in parts[1].dropLast().split(separator: ",") {
            let parameter = String(part.drop { $0 == " " }.prefix { $0 != "=" })
            if parameter == "*" {
                isPositional = false
            } else if parameter.hasPrefix("*") {
                repeated = String(parameter.dropFirst())
            } else if !isPositional {
                keywordOnly.append(parameter)
            } else if part.contains("=") {
                optional.append(parameter)
            } else {
                required.append(parameter)
            }
        }
    }

    var positional: [String] { required + optional }
}
