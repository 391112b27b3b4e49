import Foundation
import TestSupport

/// `journal-process` in a process of its own.
final class ChildJournal {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    /// The build puts it beside the test binary.
    static let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appendingPathComponent("journal-process").path

    /// - Parameter prefix: The start of a command that runs the rest of it.
    init(_ arguments: [String], prefix: [String] = []) throws {
        let command = prefix + [Self.program] + arguments
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    var processID: Int32 { process.processIdentifier }

    /// The next line that it prints; nil when it has ended.
    func line() -> String? {
        var line: [UInt8] = []
        while let byte = output.fileHandleForReading.readData(ofLength: 1).first {
            if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
        return nil
    }

    /// Reads and drops what it prints from now on; calls `end` when it has ended.
    func drain(_ end: @escaping @Sendable () -> Void) {
        let handle = output.fileHandleForReading
        Thread.detachNewThread {
            while !handle.readData(ofLength: 1 << 16).isEmpty {}
            end()
        }
    }

    /// Ends its input and waits for it.
    /// - Returns: Its remaining lines.
    func finish() -> [String] {
        // It may have ended, and then the pipe is closed already.
        try? input.fileHandleForWriting.close()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return text.split(separator: "\n").map(String.init)
    }

    func kill() -> [String] {
        Foundation.kill(processID, SIGKILL)
        return finish()
    }

    /// Stops it where it is while `body` looks.
    func whileStopped<Result>(_ body: () throws -> Result) rethrows -> Result {
        Foundation.kill(processID, SIGSTOP)
        while !isStopped { usleep(50) }
        defer { Foundation.kill(processID, SIGCONT) }
        return try body()
    }

    /// By the kernel's word, for each of its threads: `T` after the name in `stat`; or it is gone.
    private var isStopped: Bool {
        TemporaryFolder.names(in: "/proc/\(processID)/task").allSatisfy { thread in
            let path = "/proc/\(processID)/task/\(thread)/stat"
            // A thread that ended meanwhile writes nothing.
            guard let stat = try? String(contentsOfFile: path, encoding: .utf8),
                let state = stat.split(separator: ")").last?.split(separator: " ").first
            else { return true }
            return state == "T" || state == "Z"
        }
    }
}
