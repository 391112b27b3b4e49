import CDataPath
import Glibc
import Processes

/// One end of a pipe, that this process reads or writes without being blocked.
struct PipeEnd {
    private(set) var descriptor: CInt

    var isOpen: Bool { descriptor >= 0 }

    mutating func close() {
        guard isOpen else { return }
        Glibc.close(descriptor)
        descriptor = -1
    }
}

/// Standard input, output and error of a program.
final class ProgramPipes {
    struct Ready: OptionSet {
        let rawValue: Int
        static let input = Ready(rawValue: 1)
        static let output = Ready(rawValue: 2)
        static let errors = Ready(rawValue: 4)
        /// The time was over and nothing had happened, not even a signal.
        static let nothing = Ready(rawValue: 8)
    }

    var input: PipeEnd
    var output: PipeEnd
    var errors: PipeEnd
    /// What the program gets; ``ProgramProcess`` closes them.
    let programEnds: (input: CInt, output: CInt, errors: CInt)

    /// Large pipes let both sides work for longer before one waits for the other.
    private static let dataByteCount: CInt = 1 << 20

    init() throws {
        let input = try Self.make(ownEnd: 1, byteCount: Self.dataByteCount)
        var others: [[CInt]] = []
        do {
            others.append(try Self.make(ownEnd: 0, byteCount: Self.dataByteCount))
            others.append(try Self.make(ownEnd: 0, byteCount: nil))
        } catch {
            for end in input + others.joined() { close(end) }
            throw error
        }
        (self.input, output, errors) = (
            PipeEnd(descriptor: input[1]), PipeEnd(descriptor: others[0][0]), PipeEnd(descriptor: others[1][0])
        )
        programEnds = (input[0], others[0][1], others[1][1])
    }

    deinit {
        input.close()
        output.close()
        errors.close()
    }

    /// - Returns: The reading end and the writing end.
    private static func make(ownEnd: Int, byteCount: CInt?) throws -> [CInt] {
        var ends: [CInt] = [-1, -1]
        guard mr_pipe(&ends) == 0 else { throw ProcessError.noPipe(errorNumber: errno) }
        guard fcntl(ends[ownEnd], F_SETFL, fcntl(ends[ownEnd], F_GETFL) | O_NONBLOCK) == 0 else {
            let error = errno
            for end in ends { close(end) }
            throw ProcessError.noPipe(errorNumber: error)
        }
        // A user whose many pipes use up his share gets a smaller one, which is slower and nothing worse.
        if let byteCount { _ = mr_set_pipe_room(ends[0], byteCount) }
        return ends
    }

    /// Waits until one of the open ends is ready, or `end` is, or the time is over. -1 is never ready.
    func poll(watchingEnd end: CInt, milliseconds: CInt) -> Ready {
        withUnsafeTemporaryAllocation(of: pollfd.self, capacity: 4) { entries in
            // A negative descriptor is passed over.
            entries.initializeElement(at: 0, to: pollfd(fd: input.descriptor, events: Int16(POLLOUT), revents: 0))
            entries.initializeElement(at: 1, to: pollfd(fd: output.descriptor, events: Int16(POLLIN), revents: 0))
            entries.initializeElement(at: 2, to: pollfd(fd: errors.descriptor, events: Int16(POLLIN), revents: 0))
            entries.initializeElement(at: 3, to: pollfd(fd: end, events: Int16(POLLIN), revents: 0))
            let count = Glibc.poll(entries.baseAddress, nfds_t(entries.count), milliseconds)
            guard count > 0 else { return count == 0 ? .nothing : [] }
            var ready: Ready = []
            if entries[0].revents != 0 { ready.insert(.input) }
            if entries[1].revents != 0 { ready.insert(.output) }
            if entries[2].revents != 0 { ready.insert(.errors) }
            return ready
        }
    }
}
