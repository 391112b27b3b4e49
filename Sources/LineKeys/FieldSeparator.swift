package import ApplicationAPI

/// The byte between the fields of a line.
package enum FieldSeparator {
    package static let usual = UInt8(ascii: "\t")
    private static let escaped: [[UInt8]: UInt8] = [Array(#"\t"#.utf8): usual, Array(#"\0"#.utf8): 0]

    /// - Throws: `ApplicationOptionError`
    package static func byte(_ option: String, in options: ApplicationOptions) throws -> UInt8 {
        guard let text = options.bytes(option) else { return usual }
        if let byte = escaped[text] { return byte }
        guard text.count == 1, text[0] != UInt8(ascii: "\n") else {
            throw ApplicationOptionError(
                option, value: text,
                problem: #"is not one byte other than a newline; \t is a tab, and \0 a NUL"#)
        }
        return text[0]
    }
}
