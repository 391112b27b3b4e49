import Foundation
import TestSupport

/// What of this machine the tests need.
enum Machine {
    static let strace = find("strace").flatMap { canTrace($0) ? $0 : nil }
    static let setpriv = find("setpriv")
    static let isRoot = geteuid() == 0

    static var canMount: Bool { SmallDisk.canMount }

    private static func find(_ program: String) -> String? {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        return path.split(separator: ":").map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 }
    }

    private static func canTrace(_ strace: String) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: strace)
        process.arguments = ["-f", "-o", "/dev/null", "-e", "inject=fsync:error=EIO:when=99", "true"]
        process.standardError = FileHandle.nullDevice
        // Not being able to run it is the answer too.
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
