/// The applications that a program can run, by name.
public struct ApplicationRegistry: Sendable {
    /// Sorted by name.
    public let types: [any Application.Type]

    /// - Precondition: No two types have the same name.
    public init(_ types: [any Application.Type]) {
        self.types = types.sorted { $0.name < $1.name }
        for (type, next) in zip(self.types, self.types.dropFirst()) {
            precondition(type.name != next.name, "two applications are called \(type.name)")
        }
    }

    /// Sorted.
    public var names: [String] { types.map { $0.name } }

    /// The application of that name, or nil where there is none.
    public func type(named name: String) -> (any Application.Type)? {
        types.first { $0.name == name }
    }

    /// Makes an application for one attempt of a task.
    ///
    /// - Parameters:
    ///   - name: The application's.
    ///   - options: By name.
    /// - Throws: ``UnknownApplicationError``, or ``ApplicationOptionError`` for an unknown option or a wrong value.
    public func make(_ name: String, options: [String: [UInt8]] = [:]) throws -> any Application {
        guard let type = type(named: name) else { throw UnknownApplicationError(name: name, known: names) }
        for option in options.keys.sorted() where !type.options.contains(where: { $0.name == option }) {
            let names = type.options.filter { !$0.isInternal }.map(\.name)
            let known = names.isEmpty ? "it has none" : "it has \(names.joined(separator: ", "))"
            throw ApplicationOptionError(option, problem: "is not an option of \(name); \(known)")
        }
        return try type.init(options: ApplicationOptions(options))
    }
}

/// An application was asked for that this program does not have.
public struct UnknownApplicationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was asked for.
    public let name: String
    /// The names that there are, sorted.
    public let known: [String]

    /// Both, in a sentence.
    public var description: String {
        "there is no application \"\(name)\"; this program has \(known.joined(separator: ", "))"
    }
}
