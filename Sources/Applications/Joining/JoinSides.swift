import ApplicationAPI

/// Of which side of a join a line is. Right comes first: it is what the left side's lines are joined with.
enum JoinSide: UInt8, Sendable {
    case right = 0
    case left = 1
}

/// Tells the files of the two sides apart by their names, and where each side's lines have their keys.
struct JoinSides: Sendable {
    private let left: FilePattern
    private let right: FilePattern
    private let leftField: Field
    private let rightField: Field

    static let options = [
        ApplicationOption("left", "a pattern for the names of the left side's files; needed"),
        ApplicationOption("right", "the same for the right side; needed"),
        ApplicationOption("field", "the number of the key's field, from 1 (default: 1)"),
        ApplicationOption("left-field", "the same for the left side alone"),
        ApplicationOption("right-field", "the same for the right side alone"),
    ]

    /// - Throws: `ApplicationOptionError`
    init(_ options: ApplicationOptions) throws {
        left = try FilePattern("left", options)
        right = try FilePattern("right", options)
        let field = try options.field("field") ?? Field(number: 1, separator: try options.separator())
        leftField = try options.field("left-field") ?? field
        rightField = try options.field("right-field") ?? field
    }

    func field(of side: JoinSide) -> Field {
        switch side {
        case .left: leftField
        case .right: rightField
        }
    }

    /// - Throws: ``JoinFileError``
    func side(of fileName: Bytes) throws(JoinFileError) -> JoinSide {
        switch (left.matches(fileName), right.matches(fileName)) {
        case (true, false): return .left
        case (false, true): return .right
        case (let isLeft, _): throw JoinFileError(name: [UInt8](fileName), isOfBothSides: isLeft)
        }
    }
}

/// A file is of no side of the join, or of both.
struct JoinFileError: Error, Hashable, CustomStringConvertible {
    let name: [UInt8]
    let isOfBothSides: Bool

    var description: String {
        let name = String(decoding: name, as: UTF8.self)
        return isOfBothSides
            ? "input '\(name)' matches both left and right; name the sides' files so that each is of one"
            : "input '\(name)' matches neither left nor right; leave it out, or change the patterns --option left='...' and right='...'"
    }
}
