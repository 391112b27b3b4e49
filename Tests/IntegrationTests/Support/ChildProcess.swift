import Glibc
import Synchronization

/// A program that a test runs. Its output goes to files, so that nothing ever waits for a reader.
final class ChildProcess: Sendable {
    enum Exit: Hashable, Sendable {
        case code(Int32)
        case signal(Int32)
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let name: String
    let pid: pid_t
    private let outputPath: String
    private let errorPath: String
    private let end: Mutex<Exit?> = Mutex(nil)

    /// - Parameters:
    ///   - command: Program and arguments, as bytes: file names need not be UTF-8.
    ///   - logs: The folder for what it prints.
    init(name: String, command: [[UInt8]], environment: [String: String], folder: String, logs: String) throws {
        self.name = name
        outputPath = "\(logs)/\(name).out"
        errorPath = "\(logs)/\(name).err"
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, outputPath, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        posix_spawn_file_actions_addopen(&actions, 2, errorPath, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o644)
        // env changes the folder and becomes the program: the number stays.
        let arguments = CStrings(["/usr/bin/env", "-C", folder].map { Array($0.utf8) } + command)
        let variables = CStrings(environment.map { Array("\($0.key)=\($0.value)".utf8) })
        // As from a shell: threads that run tests block signals, and a program keeps what it finds blocked.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var noSignals = sigset_t()
        sigemptyset(&noSignals)
        posix_spawnattr_setsigmask(&attributes, &noSignals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var pid = pid_t()
        let error = posix_spawn(&pid, "/usr/bin/env", &actions, &attributes, arguments.pointers, variables.pointers)
        guard error == 0 else {
            let program = String(decoding: command.first ?? [], as: UTF8.self)
            throw Failure(description: "\(program) can't be started: \(String(cString: strerror(error)))")
        }
        self.pid = pid
    }

    var standardOutput: [UInt8] { (try? Files.read(outputPath)) ?? [] }
    var standardError: String { String(decoding: (try? Files.read(errorPath)) ?? [], as: UTF8.self) }
    var errorLines: [Substring] { standardError.split(separator: "\n") }

    /// nil while it runs.
    var exit: Exit? {
        end.withLock { end in
            if end != nil { return end }
            var status: Int32 = 0
            guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
            end = status & 0x7f == 0 ? .code(status >> 8 & 0xff) : .signal(status & 0x7f)
            return end
        }
    }

    /// Nothing happens to a process that has ended: its number may be another's by now.
    func signal(_ number: Int32) {
        if exit == nil { kill(pid, number) }
    }

    func waitForExit(within limit: Duration = Deadline.usual) async throws -> Exit {
        try await eventually("the end of \(name)", within: limit, { self.exit }, orTell: { self.standardError })
    }

    /// Waits for a line on standard error.
    @discardableResult
    func line(containing text: String, within limit: Duration = Deadline.usual) async throws -> String {
        try await eventually(
            "\(name) to say '\(text)'", within: limit,
            { () -> String? in
                if let line = self.errorLines.first(where: { $0.contains(text) }) { return String(line) }
                if self.exit != nil, !self.standardError.contains(text) {
                    throw Failure(description: "\(self.name) ended before it said '\(text)': \(self.standardError)")
                }
                return nil
            }, orTell: { self.standardError })
    }

    /// Waits for a line on standard output.
    ///
    /// - Returns: What follows `beginning` on it.
    func rest(ofLine beginning: String, within limit: Duration = Deadline.usual) async throws -> String {
        try await eventually(
            "\(name) to print '\(beginning)'", within: limit,
            { () -> String? in
                let hasEnded = self.exit != nil
                let lines = String(decoding: self.standardOutput, as: UTF8.self).split(separator: "\n")
                if let line = lines.first(where: { $0.hasPrefix(beginning) }) {
                    return String(line.dropFirst(beginning.count))
                }
                if hasEnded {
                    throw Failure(
                        description: "\(self.name) ended before it printed '\(beginning)': \(self.standardError)")
                }
                return nil
            }, orTell: { self.standardError })
    }
}

/// The form in which the kernel takes arguments.
private final class CStrings {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ strings: [[UInt8]]) {
        count = strings.count
        pointers = .allocate(capacity: count + 1)
        for (index, string) in strings.enumerated() {
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: string.count + 1)
            for (offset, byte) in (string + [0]).enumerated() { copy[offset] = CChar(bitPattern: byte) }
            pointers[index] = copy
        }
        pointers[count] = nil
    }

    deinit {
        for index in 0..<count { pointers[index]?.deallocate() }
        pointers.deallocate()
    }
}
