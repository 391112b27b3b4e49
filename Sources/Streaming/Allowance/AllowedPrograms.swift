import ApplicationAPI
import Glibc
import LocalMachine
import Synchronization

/// What a master may ask this worker to run, where whoever started it says so.
///
/// A pattern that begins with `/` is about programs: their absolute path must match, where `*` and `?` stand for no `/`. Any
/// other is about names of applications.
package struct AllowedPrograms: Hashable, Sendable {
    private let applications: [[UInt8]]
    private let programs: [[UInt8]]

    /// Of this process; nil when it may run whatever it is asked to.
    private static let state = Mutex<AllowedPrograms?>(nil)

    package static var current: AllowedPrograms? { state.withLock { $0 } }

    package static func set(_ allowed: AllowedPrograms) { state.withLock { $0 = allowed } }

    /// - Parameters:
    ///   - patterns: Each of one byte or more, without NUL.
    ///   - names: The applications that the worker has, beside the one that runs programs.
    /// - Throws: ``AllowanceError`` for a pattern that could never match.
    package init(_ patterns: [[UInt8]], applications names: [String]) throws(AllowanceError) {
        programs = patterns.filter { $0.first == UInt8(ascii: "/") }
        applications = patterns.filter { $0.first != UInt8(ascii: "/") }
        for pattern in applications where !names.contains(where: { Self.matches(pattern, Array($0.utf8)) }) {
            throw AllowanceError(pattern: pattern, applications: names)
        }
    }

    package func allows(application name: String) -> Bool {
        if name == Streaming.name { return !programs.isEmpty }
        return applications.contains { Self.matches($0, Array(name.utf8)) }
    }

    /// The patterns, for people.
    package var description: String { (applications + programs).map(DisplayName.of).joined(separator: ", ") }

    /// The command to run, without any shell.
    ///
    /// - Parameter folder: As ``ProgramLookup`` takes it.
    /// - Throws: ``RefusedProgram``
    func command(_ text: [UInt8], from folder: [UInt8]?) throws -> ProgramCommand {
        guard let words = CommandWords.of(text) else {
            throw refusal(
                of: text,
                because: "it is more than a program with arguments; put it into a script, and allow that")
        }
        guard let path = ProgramLookup.path(of: words[0], from: folder) else {
            throw refusal(of: text, because: "there is no program '\(DisplayName.of(words[0]))' here")
        }
        guard programs.contains(where: { Self.matches($0, path) }) else {
            throw refusal(of: text, because: "\(DisplayName.of(path)) is not among them")
        }
        return ProgramCommand(text: text, words: [path] + words.dropFirst())
    }

    private static let shownByteCountMax = 200

    private func refusal(of command: [UInt8], because reason: String) -> RefusedProgram {
        let shown = DisplayName.of(Array(command.prefix(Self.shownByteCountMax)))
        return RefusedProgram(
            "this worker may not run '\(shown)\(command.count > Self.shownByteCountMax ? " ..." : "")': it was started "
                + "with --allow-program for \(description), and \(reason)")
    }

    private static func matches(_ pattern: [UInt8], _ name: [UInt8]) -> Bool {
        FileBytes.withPath(pattern) { pattern in
            FileBytes.withPath(name) { fnmatch(pattern, $0, FNM_PATHNAME | FNM_PERIOD) == 0 }
        }
    }
}

/// A pattern is neither for programs nor for an application that is there.
package struct AllowanceError: Error, Hashable, Sendable, CustomStringConvertible {
    package let pattern: [UInt8]
    package let applications: [String]

    package var description: String {
        "--allow-program '\(DisplayName.of(pattern))' matches no application of this worker (\(applications.joined(separator: ", "))); "
            + "a pattern for programs is an absolute path, as in '/opt/apps/*'"
    }
}
