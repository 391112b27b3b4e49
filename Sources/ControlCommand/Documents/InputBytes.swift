import CommandSupport
import Glibc
import LocalMachine

/// A file, or standard input, piece by piece.
final class InputBytes {
    private let descriptor: CInt
    private let name: String
    private var buffer = [UInt8](repeating: 0, count: 64 << 10)

    /// - Parameter path: nil and "-" are standard input.
    init(_ path: String?) throws(ProgramFailure) {
        guard let path, path != "-" else {
            (descriptor, name) = (0, "standard input")
            return
        }
        let bytes = RawArguments.bytes(of: path)
        name = "'\(DisplayName.of(bytes))'"
        descriptor = FileBytes.withPath(bytes) { open($0, O_RDONLY | O_CLOEXEC | O_NOCTTY) }
        guard descriptor >= 0 else { throw Self.unreadable(name) }
    }

    deinit {
        if descriptor > 0 { close(descriptor) }
    }

    /// - Returns: Empty at the end.
    func next() throws(ProgramFailure) -> ArraySlice<UInt8> {
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count >= 0 { return buffer[..<count] }
            guard errno == EINTR else { throw Self.unreadable(name) }
        }
    }

    private static func unreadable(_ name: String) -> ProgramFailure {
        .wrongUsage("\(name) can't be read: \(String(cString: strerror(errno)))")
    }
}
