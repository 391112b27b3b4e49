import CDataPath
import Dispatch
import Glibc
import Subprocess
import Synchronization
import SystemPackage

/// A program's process, in a process group of its own that ends with this worker at the latest.
///
/// The program begins to run only when its group is known to ``GroupGuard``: a shell waits for one line on the program's
/// standard input before it becomes the program, and finds the end of its input there if this worker dies before.
final class ProgramProcess: Sendable {
    private struct State {
        var group: pid_t?
        var status: ProgramStatus?
    }

    /// Readable once the program has ended.
    let end: CInt
    private let state = Mutex(State())

    private static let shell = FilePath("/bin/sh")
    private static let startScript = "read -r go && exec /bin/sh -c \"$1\""
    private static let startLine: [UInt8] = Array("go\n".utf8)

    init(_ command: [UInt8], folder: [UInt8]?, environment: [String: [UInt8]], pipes: ProgramPipes) throws {
        var ends: [CInt] = [-1, -1]
        guard mr_pipe(&ends) == 0 else {
            let error = errno
            for end in [pipes.programEnds.input, pipes.programEnds.output, pipes.programEnds.errors] { close(end) }
            throw ProgramError.noPipe(errorNumber: error)
        }
        end = ends[0]
        start(command, folder: folder, environment: environment, pipes: pipes, endSign: ends[1])
        guard let group = state.withLock({ $0.group }) else { return }
        do {
            try GroupGuard.shared.hold(group)
        } catch {
            // The shell finds the end of its input, and ends.
            pipes.closeAll()
            throw error
        }
        // The pipe is empty and takes a few bytes at once; a shell that was killed meanwhile is seen as such.
        _ = Glibc.write(pipes.input.descriptor, Self.startLine, Self.startLine.count)
    }

    deinit { close(end) }

    /// nil while the program runs.
    var status: ProgramStatus? { state.withLock { $0.status } }

    /// Kills what is left of the program and of all that it started in its group.
    func killGroup() {
        guard let group = state.withLock({ state in state.group.take() }) else { return }
        kill(-group, SIGKILL)
        GroupGuard.shared.release(group)
    }

    /// Starts the shell, and returns when its process is known or can't be made.
    private func start(
        _ command: [UInt8], folder: [UInt8]?, environment: [String: [UInt8]], pipes: ProgramPipes, endSign: CInt
    ) {
        let ends = pipes.programEnds
        let started = DispatchSemaphore(value: 0)
        Task.detached { [self] in
            let status: ProgramStatus
            do {
                status = try await run(command, folder, environment, ends) { group in
                    state.withLock { $0.group = group }
                    started.signal()
                }
            } catch {
                status = .notStarted(reason: "\(error)")
            }
            state.withLock { $0.status = status }
            close(endSign)
            started.signal()
        }
        started.wait()
    }

    private func run(
        _ command: [UInt8], _ folder: [UInt8]?, _ environment: [String: [UInt8]],
        _ ends: (input: CInt, output: CInt, errors: CInt), onStart: (pid_t) -> Void
    ) async throws -> ProgramStatus {
        var options = PlatformOptions()
        options.processGroupID = 0
        let result = try await Subprocess.run(
            .path(Self.shell), arguments: Arguments(Self.arguments(command)),
            environment: .custom(ProgramVariables.all(adding: environment)),
            workingDirectory: ProgramFolder.existing(folder), platformOptions: options,
            input: .fileDescriptor(FileDescriptor(rawValue: ends.input), closeAfterSpawningProcess: true),
            output: .fileDescriptor(FileDescriptor(rawValue: ends.output), closeAfterSpawningProcess: true),
            error: .fileDescriptor(FileDescriptor(rawValue: ends.errors), closeAfterSpawningProcess: true)
        ) { execution in onStart(execution.processIdentifier.value) }
        switch result.terminationStatus {
        case .exited(let code): return .exited(code)
        case .signaled(let signal): return .killed(signal: signal)
        }
    }

    /// Each with the NUL that the C strings of an argument list need.
    private static func arguments(_ command: [UInt8]) -> [[UInt8]] {
        ["-c", startScript, "sh"].map { Array($0.utf8) + [0] } + [command + [0]]
    }
}
