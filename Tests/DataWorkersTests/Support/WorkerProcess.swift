import Foundation
import TestSupport
import XMLRPCTransport

/// A data worker in a process of its own, which can be killed.
final class WorkerProcess {
    let address: String
    let port: Int
    private let process = Process()

    private static let folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()

    /// - Parameter center: `HOST:PORT` of one that lets everybody in.
    init(center: String, memoryLimit: String = "64MiB", scratch: TemporaryFolder) throws {
        process.executableURL = Self.folder.appending(path: "mr-worker")
        process.arguments = [
            "--center", center, "--no-auth", "--scratch", scratch.path, "--memory-limit", memoryLimit,
        ]
        process.environment = ProcessInfo.processInfo.environment.merging(["MR_STATE_DIR": scratch.path]) { $1 }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        // Both lines come when it serves and is known.
        var text = ""
        while text.split(separator: "\n", omittingEmptySubsequences: false).count < 3 {
            let piece = output.fileHandleForReading.availableData
            guard !piece.isEmpty else { throw DidNotHappen(description: "mr-worker ended, after '\(text)'") }
            text += String(decoding: piece, as: UTF8.self)
        }
        let prefix = "Start worker at "
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(prefix) }),
            let port = line.split(separator: ":").last.flatMap({ Int($0) })
        else { throw DidNotHappen(description: "mr-worker said '\(text)'") }
        address = String(line.dropFirst(prefix.count))
        self.port = port
    }

    deinit { kill() }

    func kill() {
        guard process.isRunning else { return }
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// What it took at its peak, in bytes.
    func peakByteCount() throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        guard let count = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) }) else {
            throw DidNotHappen(description: "no VmHWM")
        }
        return count << 10
    }
}
