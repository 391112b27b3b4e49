/// The applications that a program can run, by name.
public struct ApplicationRegistry: Sendable {
    /// Sorted by name.
    public let types: [any Application.Type]
    /// Those that are no types of their own.
    private let found: [FoundApplication]
    /// Sorted.
    public let names: [String]

    /// - Precondition: No two types have the same name.
    public init(_ types: [any Application.Type]) { self.init(types, found: []) }

    /// - Precondition: No two have the same name.
    package init(_ types: [any Application.Type], found: [FoundApplication]) {
        self.types = types.sorted { $0.name < $1.name }
        self.found = found
        names = (types.map { $0.name } + found.map(\.name)).sorted()
        for (name, next) in zip(names, names.dropFirst()) {
            precondition(name != next, "two applications are called \(name)")
        }
    }

    /// Those that are wanted.
    package func filter(_ isWanted: (String) -> Bool) -> ApplicationRegistry {
        ApplicationRegistry(types.filter { isWanted($0.name) }, found: found.filter { isWanted($0.name) })
    }

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
        if let application = found.first(where: { $0.name == name }) {
            try Self.check(options, application.name, known: [])
            return application.make()
        }
        guard let type = type(named: name) else { throw UnknownApplicationError(name: name, known: names) }
        try Self.check(options, name, known: type.options)
        return try type.init(options: ApplicationOptions(options))
    }

    private static func check(_ options: [String: [UInt8]], _ name: String, known: [ApplicationOption]) throws {
        for option in options.keys.sorted() where !known.contains(where: { $0.name == option }) {
            let names = known.filter { !$0.isInternal }.map(\.name)
            let known = names.isEmpty ? "it has none" : "it has \(names.joined(separator: ", "))"
            throw ApplicationOptionError(option, problem: "is not an option of \(name); \(known)")
        }
    }
}

/// An application that a program comes by while it runs, such as a script that it was started with. It has no options.
package struct FoundApplication: Sendable {
    let name: String
    /// Makes one for one attempt of a task.
    let make: @Sendable () -> any Application

    package init(name: String, make: @escaping @Sendable () -> any Application) {
        self.name = name
        self.make = make
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
