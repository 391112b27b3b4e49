import Glibc
import Subprocess
import Synchronization
import SystemPackage

/// A process that is run again and again, one run after the other, and that ends when this one does.
///
/// The reading end of a pipe is its standard input. Nothing is ever written to it: its end of file says that this process is
/// gone, however it went.
package final class SupervisedProcess: Sendable {
    package enum End: Hashable, Sendable {
        case exited(code: Int32)
        case killed(signal: Int32)
    }

    private struct State {
        var process: pid_t?
        /// Came before the process had a number.
        var early: [CInt] = []
    }

    private let program: String
    private let state = Mutex(State())

    /// - Parameter program: Absolute path.
    package init(program: String) { self.program = program }

    /// Runs it until it ends.
    ///
    /// - Parameter arguments: Bytes without a NUL; swift-subprocess reads each up to the one that is added here.
    package func run(_ arguments: [[UInt8]]) async throws -> End {
        let (input, lifeline) = try FileDescriptor.pipe()
        // Both ends stay open here until it has ended; a child has no use for the other end.
        _ = fcntl(lifeline.rawValue, F_SETFD, FD_CLOEXEC)
        defer {
            // Whether or not that works, they are no longer needed.
            try? lifeline.close()
            try? input.close()
        }
        var options = PlatformOptions()
        // A group of its own: Ctrl-C is for whoever supervises, who passes it on once.
        options.processGroupID = 0
        let result = try await Subprocess.run(
            .path(FilePath(program)), arguments: Arguments(arguments.map { $0 + [0] }), platformOptions: options,
            input: .fileDescriptor(input, closeAfterSpawningProcess: false),
            output: .fileDescriptor(.standardOutput, closeAfterSpawningProcess: false),
            error: .fileDescriptor(.standardError, closeAfterSpawningProcess: false)
        ) { execution in
            let process = execution.processIdentifier.value
            let early = self.state.withLock { state in
                state.process = process
                defer { state.early = [] }
                return state.early
            }
            for number in early { kill(process, number) }
        }
        state.withLock { $0.process = nil }
        switch result.terminationStatus {
        case .exited(let code): return .exited(code: code)
        case .signaled(let number): return .killed(signal: number)
        }
    }

    /// Passes a signal on, also to a process that is just being started.
    package func signal(_ number: CInt) {
        state.withLock { state in
            guard let process = state.process else { return state.early.append(number) }
            kill(process, number)
        }
    }
}
