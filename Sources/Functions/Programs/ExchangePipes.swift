import CDataPath
import Glibc
import Processes

/// Standard input, output and error of a program that is called: this process's ends do not block.
final class ExchangePipes {
    struct Ready: OptionSet {
        let rawValue: Int
        static let input = Ready(rawValue: 1)
        static let output = Ready(rawValue: 2)
        static let errors = Ready(rawValue: 4)
    }

    private(set) var input: CInt = -1
    private(set) var output: CInt = -1
    private(set) var errors: CInt = -1
    private var programEnds: [CInt] = []

    /// - Throws: ``ProcessError/noPipe(errorNumber:)``
    init() throws(ProcessError) {
        input = try make(ownEnd: 1)
        output = try make(ownEnd: 0)
        errors = try make(ownEnd: 0)
    }

    deinit { for end in programEnds + [input, output, errors] where end >= 0 { Glibc.close(end) } }

    /// What the program gets.
    var streams: ChildProcess.Streams {
        ChildProcess.Streams(input: programEnds[0], output: programEnds[1], errors: programEnds[2])
    }

    private func make(ownEnd: Int) throws(ProcessError) -> CInt {
        var ends: [CInt] = [-1, -1]
        guard mr_pipe(&ends) == 0 else { throw .noPipe(errorNumber: errno) }
        programEnds.append(ends[1 - ownEnd])
        guard fcntl(ends[ownEnd], F_SETFL, fcntl(ends[ownEnd], F_GETFL) | O_NONBLOCK) == 0 else {
            let number = errno
            Glibc.close(ends[ownEnd])
            throw .noPipe(errorNumber: number)
        }
        return ends[ownEnd]
    }

    /// Once the program has them.
    func closeProgramEnds() {
        for end in programEnds { Glibc.close(end) }
        programEnds = []
    }

    func closeInput() { Self.close(&input) }

    func closeOutput() { Self.close(&output) }

    func closeErrors() { Self.close(&errors) }

    private static func close(_ end: inout CInt) {
        if end >= 0 { Glibc.close(end) }
        end = -1
    }

    /// Waits until one of the open ends is ready, or `end` is, or the time is over. -1 is never ready.
    ///
    /// - Parameter writing: Whether room in the input is waited for.
    func wait(writing: Bool, watchingEnd end: CInt, milliseconds: CInt) -> Ready {
        var entries = [
            pollfd(fd: writing ? input : -1, events: Int16(POLLOUT), revents: 0),
            pollfd(fd: output, events: Int16(POLLIN), revents: 0),
            pollfd(fd: errors, events: Int16(POLLIN), revents: 0), pollfd(fd: end, events: Int16(POLLIN), revents: 0),
        ]
        guard poll(&entries, nfds_t(entries.count), milliseconds) > 0 else { return [] }
        var ready: Ready = []
        if entries[0].revents != 0 { ready.insert(.input) }
        if entries[1].revents != 0 { ready.insert(.output) }
        if entries[2].revents != 0 { ready.insert(.errors) }
        return ready
    }
}
