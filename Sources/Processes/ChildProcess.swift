import CDataPath
package import Glibc
import Synchronization

/// A process that this one started, at the head of a process group of its own.
///
/// Everything here returns at once and runs on the thread that calls, so a process that never comes about, or never ends,
/// holds up nobody but its own attempt. Starting one takes none of this process's descriptors.
package struct ChildProcess {
    package let id: pid_t

    /// What it gets as standard input, output and error; nil for /dev/null. Its starter closes them.
    package struct Streams {
        var input: CInt
        var output: CInt?
        var errors: CInt?

        package init(input: CInt, output: CInt? = nil, errors: CInt? = nil) {
            self.input = input
            self.output = output
            self.errors = errors
        }
    }

    /// - Parameters:
    ///   - arguments: Each with the NUL that ends it; the first is the program's name.
    ///   - environment: Each with the NUL that ends it.
    ///   - folder: Where it runs; nil for where this process runs. It ends with NUL.
    /// - Throws: ``StartError``
    package init(
        path: String, arguments: [[UInt8]], environment: [[UInt8]], folder: [UInt8]? = nil, streams: Streams
    ) throws(StartError) {
        Self.reapKilled()
        var id: pid_t = 0
        let number = path.withCString { path in
            CStrings.with(arguments) { arguments in
                CStrings.with(environment) { environment in
                    (folder ?? []).withUnsafeBufferPointer { folderBytes in
                        folderBytes.withMemoryRebound(to: CChar.self) { folderText in
                            var start = mr_start(
                                path: path, arguments: arguments, environment: environment,
                                folder: folder == nil ? nil : folderText.baseAddress, input: streams.input,
                                output: streams.output ?? -1, errors: streams.errors ?? -1)
                            return mr_start_process(&start, &id)
                        }
                    }
                }
            }
        }
        guard number == 0 else { throw StartError(number: number) }
        self.id = id
    }

    /// How it ended; nil while it runs. Its number stays its own until ``reap()``.
    package var status: ProgramStatus? {
        var value: CInt = 0
        switch mr_state_of_process(id, &value) {
        case mr_process_runs: return nil
        case mr_process_exited: return .exited(value)
        case mr_process_killed: return .killed(signal: value)
        default: return .unknown(reason: String(cString: strerror(value)))
        }
    }

    /// Sends a signal to it and to its group, once each: to itself also when it has left its group.
    package func signalGroup(_ number: CInt) {
        kill(-id, number)
        if getpgid(id) != id { kill(id, number) }
    }

    /// Kills what is left of it, wherever it went, and of its group.
    package func killGroup() {
        kill(-id, SIGKILL)
        kill(id, SIGKILL)
    }

    /// Gives back the number of a process that has ended or was killed.
    package func reap() {
        Self.killed.withLock { $0.append(id) }
        Self.reapKilled()
    }

    /// Those that were killed and may not be gone yet: one that waits for a disk is gone only after that.
    private static let killed = Mutex<[pid_t]>([])

    private static func reapKilled() {
        killed.withLock { killed in killed.removeAll { mr_reap_process($0) != 0 } }
    }
}

/// Why a process cannot be started.
package struct StartError: Error, Hashable, CustomStringConvertible {
    package let number: CInt
    /// Masters start programs as well as workers do.
    private static let program = CommandLine.arguments.first?.split(separator: "/").last ?? "the process that starts it"

    package init(number: CInt) { self.number = number }

    package var description: String {
        let reason = String(cString: strerror(number))
        switch number {
        case EAGAIN: return "\(reason); raise the limits of \(Self.program) (ulimit -u)"
        case EMFILE, ENFILE: return "\(reason); raise the limits of \(Self.program) (ulimit -n)"
        default: return reason
        }
    }
}

private enum CStrings {
    /// Hands on the list that C wants: pointers to texts that end with NUL, and NULL.
    static func with<Result>(
        _ texts: [[UInt8]], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var bytes = texts.joined().map { CChar(bitPattern: $0) }
        return bytes.withUnsafeMutableBufferPointer { bytes in
            var pointers: [UnsafeMutablePointer<CChar>?] = []
            var offset = 0
            for text in texts {
                pointers.append(bytes.baseAddress.map { $0 + offset })
                offset += text.count
            }
            pointers.append(nil)
            return pointers.withUnsafeBufferPointer { list in
                guard let start = list.baseAddress else { preconditionFailure("it has at least its end") }
                return body(start)
            }
        }
    }
}
