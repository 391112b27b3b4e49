/// One option that an application understands.
public struct ApplicationOption: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// Present, empty, `true` or `1` means yes; absent, `false` or `0` means no.
        case flag
        case value
    }

    public let name: String
    /// One line for help.
    public let summary: String
    public let kind: Kind
    /// Whether programs give it and nobody types it: no list of options names it.
    package let isInternal: Bool

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

    public init(_ values: [String: [UInt8]] = [:]) { self.values = values }

    /// The value's bytes, or nil when the option was not given.
    public func bytes(_ name: String) -> [UInt8]? { values[name] }

    /// The value as text, or nil when the option was not given.
    public func text(_ name: String) throws -> String? {
        guard let bytes = values[name] else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ApplicationOptionError(name, value: bytes, problem: "is not UTF-8")
        }
        return text
    }

    /// The value as a decimal number, or nil when the option was not given.
    public func integer(_ name: String) throws -> Int? {
        guard let text = try text(name) else { return nil }
        guard let number = Int(text) else {
            throw ApplicationOptionError(name, value: text, problem: "is not a whole number")
        }
        return number
    }

    /// Whether a flag was given; see ``ApplicationOption/Kind/flag``.
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
    public let option: String
    /// What was given, or nil when the option is missing.
    public let value: String?
    /// Completes the sentence "option X, given as Y, ...".
    public let problem: String

    public init(_ option: String, value: String? = nil, problem: String) {
        self.option = option
        self.value = value
        self.problem = problem
    }

    public init(_ option: String, value: [UInt8], problem: String) {
        self.init(option, value: String(decoding: value, as: UTF8.self), problem: problem)
    }

    public var description: String {
        guard let value else { return "option \(option) \(problem)" }
        return "option \(option), given as \"\(value)\", \(problem)"
    }
}
