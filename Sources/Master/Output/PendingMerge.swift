import Coordinator
import Glibc
import LocalMachine
package import Model

/// What says that parts in an output folder are a finished job's which are still to be merged: a file with the job's plan. It goes
/// when they are merged, or are no longer there.
package struct PendingMerge {
    private let bytes: [UInt8]

    /// Inside the output folder.
    static let name = ".mr-merge"

    package init(of plan: JobPlan, programVersion: String) {
        bytes =
            JournalHeader(
                programVersion: programVersion, policy: Policy(), plan: plan, instance: "", marker: "", port: 0,
                scratch: ""
            ).recorded
    }

    /// Without room for it, say, the parts can't be merged later by the same command line, and nothing else is lost.
    package func note(in folder: [UInt8]) {
        let file = FileBytes.withPath(Self.path(in: folder)) {
            open($0, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC, 0o600)
        }
        guard file >= 0 else { return }
        defer { close(file) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { return }
            rest = rest.dropFirst(max(0, count))
        }
    }

    package static func forget(in folder: [UInt8]) {
        // It need not be there.
        FileBytes.withPath(path(in: folder)) { _ = unlink($0) }
    }

    package static func mayBe(in folder: [UInt8]) -> Bool {
        FileBytes.withPath(path(in: folder)) { access($0, R_OK) } == 0
    }

    /// Whether the folder has this job's parts, whole and still to be merged.
    package func isPending(in claim: OutputClaim) -> Bool {
        let file = openat(claim.descriptor, Self.name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0, claim.parts.hasSuccess else { return false }
        defer { close(file) }
        var found = [UInt8](repeating: 0, count: bytes.count + 1)
        var count = 0
        while count < found.count {
            let more = found.withUnsafeMutableBytes { read(file, $0.baseAddress! + count, $0.count - count) }
            guard more >= 0 else { return false }
            if more == 0 { break }
            count += more
        }
        return found[..<count] == bytes[...]
    }

    private static func path(in folder: [UInt8]) -> [UInt8] { folder + Array("/\(name)".utf8) }
}
