package import ApplicationAPI
import Glibc
import LocalMachine

/// A script that a worker brings as an application of its own: started as `SCRIPT map` and `SCRIPT reduce`, by the interpreter
/// that its first line names.
package struct WorkerScript: Hashable, Sendable {
    /// What a job asks for.
    package let name: String
    private let path: [UInt8]
    /// A program's absolute path and at most one argument, as the kernel takes it from that line.
    private let interpreter: [[UInt8]]

    /// Of the first line. Linux takes no more of it.
    private static let lineByteCountMax = 256
    private static let nameByteCountMax = 255

    /// - Parameters:
    ///   - typed: A file's path, without NUL.
    ///   - name: nil: the file's last name, up to its first dot.
    /// - Throws: ``WorkerScriptError``
    package init(_ typed: [UInt8], name: String?) throws(WorkerScriptError) {
        let shown = DisplayName.of(typed)
        guard let resolved = FileBytes.withPath(typed, { realpath($0, nil) }) else {
            throw WorkerScriptError("--script '\(shown)' can't be read: \(String(cString: strerror(errno)))")
        }
        defer { free(resolved) }
        path = FileBytes.bytes(of: resolved)
        let line = try Self.firstLine(of: path, shown)
        interpreter = try Self.interpreter(in: line, shown)
        self.name = try Self.checked(name ?? Self.name(ofFile: typed), isTyped: name != nil, shown)
    }

    private static func name(ofFile path: [UInt8]) -> String {
        let last = path.split(separator: UInt8(ascii: "/")).last ?? []
        return DisplayName.of(Array(last.prefix { $0 != UInt8(ascii: ".") }))
    }

    private static func checked(_ name: String, isTyped: Bool, _ shown: String) throws(WorkerScriptError) -> String {
        let isName = name.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }
        guard isName, (1...nameByteCountMax).contains(name.utf8.count) else {
            let rule = "1 to \(nameByteCountMax) printable ASCII characters without white space"
            throw WorkerScriptError(
                isTyped
                    ? "--script-name '\(name)' is no application's name: \(rule)"
                    : "--script '\(shown)' has a name that is no application's: \(rule); --script-name gives it another"
            )
        }
        return name
    }

    private static func firstLine(of path: [UInt8], _ shown: String) throws(WorkerScriptError) -> [UInt8] {
        let file = FileBytes.withPath(path) { open($0, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) }
        guard file >= 0 else {
            throw WorkerScriptError("--script '\(shown)' can't be read: \(String(cString: strerror(errno)))")
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw WorkerScriptError("--script '\(shown)' is no file; name a script")
        }
        var bytes = [UInt8](repeating: 0, count: lineByteCountMax)
        let count = read(file, &bytes, bytes.count)
        guard count >= 0 else {
            throw WorkerScriptError("--script '\(shown)' can't be read: \(String(cString: strerror(errno)))")
        }
        return Array(bytes[..<count].prefix { $0 != UInt8(ascii: "\n") })
    }

    private static func interpreter(in line: [UInt8], _ shown: String) throws(WorkerScriptError) -> [[UInt8]] {
        let blank: [UInt8] = [UInt8(ascii: " "), UInt8(ascii: "\t")]
        guard line.starts(with: "#!".utf8) else {
            throw WorkerScriptError(
                "--script '\(shown)' does not say what runs it: its first line must be like #!/usr/bin/env python3")
        }
        let words = line.dropFirst(2).drop { blank.contains($0) }
        let program = Array(words.prefix { !blank.contains($0) })
        var argument = words.dropFirst(program.count).drop { blank.contains($0) }
        while let last = argument.last, blank.contains(last) { argument.removeLast() }
        guard program.first == UInt8(ascii: "/"), !program.contains(0),
            FileBytes.withPath(program, { access($0, X_OK) }) == 0
        else {
            throw WorkerScriptError(
                "--script '\(shown)' is to be run by '\(DisplayName.of(program))', which is no program here; its first line must name one, like #!/usr/bin/env python3, and end without a carriage return"
            )
        }
        return [program] + (argument.isEmpty ? [] : [Array(argument)])
    }

    /// What runs it.
    package var application: FoundApplication {
        let commands = StreamingOptions(self)
        return FoundApplication(name: name) { Streaming(commands) }
    }

    /// - Parameter step: `map` or `reduce`.
    func command(_ step: String) -> ProgramCommand {
        ProgramCommand(text: path + Array(" \(step)".utf8), words: interpreter + [path, Array(step.utf8)])
    }
}

/// A script that can't be one, for people.
package struct WorkerScriptError: Error, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
