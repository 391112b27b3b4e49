/// One option that an application understands.
///
/// It is given on the command line of `mr-master` as `--option NAME=VALUE`.
public struct ApplicationOption: Hashable, Sendable {
    /// What may be given for it.
    public enum Kind: Hashable, Sendable {
        /// Present, empty, `true` or `1` means yes; absent, `false` or `0` means no.
        case flag
        /// Any bytes.
        case value
    }

    /// What stands before the `=`.
    public let name: String
    /// One line for help.
    public let summary: String
    /// Whether it is a flag.
    public let kind: Kind
    /// Whether programs give it and nobody types it: no list of options names it.
    package let isInternal: Bool

    /// - Parameters:
    ///   - name: What stands before the `=`; it must not hold one.
    ///   - summary: One line for help.
    ///   - kind: Whether it is a flag; what it says is for those who read it, and ``ApplicationOptions/flag(_:)`` reads one.
    public init(_ name: String, _ summary: String, kind: Kind = .value) {
        self.init(name, summary, kind: kind, isInternal: false)
    }

    package init(_ name: String, _ summary: String, kind: Kind = .value, isInternal: Bool) {
        self.name = name
        self.summary = summary
        self.kind = kind
        self.isInternal = isInternal
    }
}

/// The options given to an application, by name.
public struct ApplicationOptions: Hashable, Sendable {
    /// Values are bytes: a search pattern need not be UTF-8.
    public let values: [String: [UInt8]]

    /// - Parameter values: By name; what is not there was not given.
    public init(_ values: [String: [UInt8]] = [:]) { self.values = values }

    /// The value's bytes, or nil when the option was not given.
    public func bytes(_ name: String) -> [UInt8]? { values[name] }

    /// The value as text, or nil when the option was not given.
    /// - Throws: ``ApplicationOptionError`` when it is not UTF-8.
    public func text(_ name: String) throws -> String? {
        guard let bytes = values[name] else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ApplicationOptionError(name, value: bytes, problem: "is not UTF-8")
        }
        return text
    }

    /// The value as a decimal number, or nil when the option was not given.
    /// - Throws: ``ApplicationOptionError`` when it is no whole number, or needs more than 64 bits.
    public func integer(_ name: String) throws -> Int? {
        guard let text = try text(name) else { return nil }
        guard let number = Int(text) else {
            throw ApplicationOptionError(name, value: text, problem: "is not a whole number")
        }
        return number
    }

    /// Whether a flag was given; see ``ApplicationOption/Kind/flag``.
    /// - Throws: ``ApplicationOptionError`` when it is neither yes nor no.
    public func flag(_ name: String) throws -> Bool {
        switch try text(name) {
        case nil, "false", "0": return false
        case "", "true", "1": return true
        case let other?:
            throw ApplicationOptionError(name, value: other, problem: "is neither true nor false")
        }
    }
}

/// Why an application cannot run with the options it was given.
public struct ApplicationOptionError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The option's name.
    public let option: String
    /// What was given, or nil when the option is missing.
    public let value: String?
    /// Completes the sentence "option X, given as Y, ...".
    public let problem: String

    /// - Parameters:
    ///   - option: The option's name.
    ///   - value: What was given, or nil when the option is missing.
    ///   - problem: Completes the sentence "option X, given as Y, ...".
    public init(_ option: String, value: String? = nil, problem: String) {
        self.option = option
        self.value = value
        self.problem = problem
    }

    /// The same for a value that need not be UTF-8.
    public init(_ option: String, value: [UInt8], problem: String) {
        self.init(option, value: String(decoding: value, as: UTF8.self), problem: problem)
    }

    /// The sentence that fails the attempt.
    public var description: String {
        guard let value else { return "option \(option) \(problem)" }
        return "option \(option), given as \"\(value)\", \(problem)"
    }
}
