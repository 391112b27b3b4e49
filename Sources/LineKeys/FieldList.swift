package import ApplicationAPI

/// Reads options that name fields, as in `1,2nr`.
package enum FieldList {
    package static let countMax = 64
    package static let numberMax = 1_000_000

    /// The fields of a sort key, or nil when the option was not given.
    /// - Throws: `ApplicationOptionError`
    package static func sortFields(_ option: String, in options: ApplicationOptions) throws -> [SortField]? {
        try options.bytes(option).map { try fields($0, option) }
    }

    /// The numbers of fields, or nil when the option was not given.
    /// - Throws: `ApplicationOptionError`
    package static func numbers(_ option: String, in options: ApplicationOptions) throws -> [Int]? {
        guard let text = options.bytes(option) else { return nil }
        let fields = try fields(text, option)
        guard fields.allSatisfy({ !$0.isNumeric && !$0.isReverse }) else {
            throw ApplicationOptionError(
                option, value: text, problem: "has letters, which only a sort key takes; write it like 1,3")
        }
        return fields.map(\.number)
    }

    private static func fields(_ text: [UInt8], _ option: String) throws -> [SortField] {
        func wrong(_ problem: String) -> ApplicationOptionError {
            ApplicationOptionError(option, value: text, problem: problem)
        }
        let items = text.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard items.count <= countMax else { throw wrong("has \(items.count) fields; \(countMax) are allowed") }
        return try items.map { item in
            guard let field = field(item) else {
                throw wrong(
                    "is no list of fields; number them from 1 to \(numberMax), each with n (by number) and r (in reverse) after it or without, as in 1,2nr (what sort and Hadoop write as -k1,1 -k2,2nr)"
                )
            }
            return field
        }
    }

    private static func field(_ item: ArraySlice<UInt8>) -> SortField? {
        let digits = item.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        let letters = item[digits.endIndex...]
        guard digits.first != UInt8(ascii: "0"), let number = Int(String(decoding: digits, as: UTF8.self)),
            (1...numberMax).contains(number), Set(letters).count == letters.count,
            letters.allSatisfy({ $0 == UInt8(ascii: "n") || $0 == UInt8(ascii: "r") })
        else { return nil }
        return SortField(
            number: number, isNumeric: letters.contains(UInt8(ascii: "n")),
            isReverse: letters.contains(UInt8(ascii: "r")))
    }
}
