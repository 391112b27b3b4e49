/// Takes the secrets of join lines out of what is said of a command line: it may be written to a log, and a line stands easily in
/// the wrong place.
enum JoinLineMask {
    private static let start = "mr1."
    /// Of a secret that was cut this much may be seen.
    private static let shownMax = 7

    static func masked(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let found = rest.firstRange(of: start) {
            result += rest[..<found.upperBound]
            rest = rest[found.upperBound...]
            let pin = rest.prefix(while: isDigit)
            guard rest[pin.endIndex...].first == "." else {
                // It lacks a part, and which one is not known.
                result += pin.count > shownMax ? "(secret)" : pin
                rest = rest[pin.endIndex...]
                continue
            }
            let secretStart = rest.index(after: pin.endIndex)
            let secret = rest[secretStart...].prefix(while: isDigit)
            result += pin + "." + (secret.count > shownMax ? "(secret)" : String(secret))
            rest = rest[secret.endIndex...]
        }
        return result + rest
    }

    private static func isDigit(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber)
    }
}
