import CommandSupport
import Glibc

/// A line of output for each line of input.
enum DocumentLines {
    /// The base64 of the longest document that is decoded, with room for white space.
    static let lineByteCountMax = 32 << 20
    private static let outputByteCountMax = 64 << 10

    /// - Parameter answer: Takes a line; nil for one that is too long.
    static func run(_ input: InputBytes, _ answer: ([UInt8]?) -> [UInt8]) throws(ProgramFailure) {
        var lines = InputLines(input, lineByteCountMax: lineByteCountMax)
        var output: [UInt8] = []
        while let line = try lines.next() {
            switch line {
            case .bytes(let bytes): output += answer(bytes)
            case .tooLong: output += answer(nil)
            }
            output.append(UInt8(ascii: "\n"))
            // Whoever writes a line and waits for its answer must get it.
            guard !lines.isReady || output.count >= outputByteCountMax else { continue }
            if !StandardOutput.write(output) {
                // Whoever reads has seen enough.
                if errno == EPIPE { exit(1) }
                throw .jobFailed("standard output could not be written: \(String(cString: strerror(errno)))")
            }
            output.removeAll(keepingCapacity: true)
        }
    }
}
