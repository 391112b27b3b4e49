import Glibc
import LaunchedWorkers
import LocalMachine
import Processes
import XMLRPC

/// Finds out what a launched worker's order means on this machine.
struct ScriptSource {
    private let order: LaunchOrder

    /// As many bytes of a script as a first line may have.
    private static let headByteCountMax = 512

    init(_ order: LaunchOrder) { self.order = order }

    /// What is to be run, and the code that is to be in a file for it.
    struct Resolved: Sendable {
        let interpreter: [[UInt8]]
        let program: LaunchOrder.Program

        static let codeName = "code"

        /// - Parameter folder: The worker's own, where its code is put.
        func words(in folder: String) throws(LocalStateError) -> [[UInt8]] {
            switch program {
            case .script(let path): return interpreter + [path]
            case .code(let text):
                let path = "\(folder)/\(Self.codeName)"
                try PrivateFile.write(path, text)
                return interpreter + [Array(path.utf8)]
            }
        }
    }

    func resolved() throws(XMLRPCFault) -> Resolved {
        guard ProgramFolder.existing(order.folder) != nil else {
            throw LaunchFault.unfit(
                "'\(DisplayName.of(order.folder))' is no folder on the master's machine that its user can be in")
        }
        switch order.program {
        case .code(let text):
            return Resolved(interpreter: try interpreter(head: text, "the code"), program: order.program)
        case .script(let typed):
            let path = typed.first == UInt8(ascii: "/") ? typed : order.folder + [UInt8(ascii: "/")] + typed
            let shown = "script '\(DisplayName.of(typed))'"
            return Resolved(interpreter: try interpreter(head: head(of: path, shown), shown), program: .script(path))
        }
    }

    private func interpreter(head: [UInt8], _ shown: String) throws(XMLRPCFault) -> [[UInt8]] {
        guard let words = order.interpreter(head: head) else {
            throw LaunchFault.unfit(
                "nothing says what runs \(shown): begin it with #!, or name a kernel (\(LaunchKernel.names))")
        }
        return words
    }

    private func head(of path: [UInt8], _ shown: String) throws(XMLRPCFault) -> [UInt8] {
        // A pipe without a writer would never open.
        let file = FileBytes.withPath(path) { open($0, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) }
        guard file >= 0 else {
            throw LaunchFault.unfit(
                "\(shown) can't be read in '\(DisplayName.of(order.folder))' on the master's machine: \(String(cString: strerror(errno)))"
            )
        }
        defer { close(file) }
        var status = stat()
        var bytes = [UInt8](repeating: 0, count: Self.headByteCountMax)
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw LaunchFault.unfit("\(shown) is no file")
        }
        let count = read(file, &bytes, bytes.count)
        guard count >= 0 else { throw LaunchFault.unfit("\(shown) can't be read: \(String(cString: strerror(errno)))") }
        return Array(bytes[..<count])
    }
}

extension ProgramLimits {
    init(_ order: LaunchOrder) {
        self.init()
        memoryByteCount = order.memoryByteCount
        cpuShare = order.coreCount.flatMap { CPUShare($0) }
        namePrefix = ""
    }
}
