package import Model

/// Unpacks whole files, in bounded memory.
package enum Decompression {
    private static let chunkByteCount = 256 << 10

    /// - Parameters:
    ///   - read: Fills some of the buffer with what comes next of the compressed file; 0 at its end.
    ///   - write: Takes what comes next of the contents; the bytes are valid until it returns.
    /// - Throws: ``DecompressionError``, and whatever `read` and `write` throw.
    package static func unpack(
        _ compression: InputCompression, read: (UnsafeMutableRawBufferPointer) throws -> Int,
        write: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let decoder = try makeDecoder(compression)
        let input = UnsafeMutableRawBufferPointer.allocate(byteCount: chunkByteCount, alignment: 16)
        let output = UnsafeMutableRawBufferPointer.allocate(byteCount: chunkByteCount, alignment: 16)
        defer {
            input.deallocate()
            output.deallocate()
        }
        var rest = UnsafeRawBufferPointer(rebasing: input[..<0])
        var isAtEnd = false
        while true {
            if rest.isEmpty, !isAtEnd {
                rest = UnsafeRawBufferPointer(rebasing: input[..<(try read(input))])
                isAtEnd = rest.isEmpty
            }
            let step = try decoder.step(rest, output, isLast: isAtEnd)
            if step.given > 0 { try write(UnsafeRawBufferPointer(rebasing: output[..<step.given])) }
            rest = UnsafeRawBufferPointer(rebasing: rest[step.taken...])
            guard step.taken == 0, step.given == 0 else { continue }
            if isAtEnd {
                guard step.isComplete else { throw DecompressionError.endsTooEarly(compression) }
                return
            }
            guard rest.isEmpty else { throw DecompressionError.damaged(compression) }
        }
    }

    private static func makeDecoder(_ compression: InputCompression) throws(DecompressionError) -> any Decoder {
        switch compression {
        case .gzip: try GzipDecoder()
        case .bzip2: try BZip2Decoder()
        case .xz: try XZDecoder()
        case .zstandard: try ZStandardDecoder()
        }
    }
}

/// Unpacks one file of one format, which may hold several members one after the other, as `cat a.gz b.gz` makes them.
protocol Decoder: AnyObject {
    /// - Parameter isLast: Nothing follows `input`.
    /// - Throws: ``DecompressionError/damaged(_:)`` and ``DecompressionError/noMemory(_:)``.
    func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer, isLast: Bool
    ) throws(DecompressionError) -> DecodingStep
}

struct DecodingStep {
    /// Bytes of the input that are done with.
    let taken: Int
    /// Bytes of the output that were filled.
    let given: Int
    /// Whether the file may end here.
    let isComplete: Bool
}

package enum DecompressionError: Error, Hashable, CustomStringConvertible {
    case damaged(InputCompression)
    case endsTooEarly(InputCompression)
    case noMemory(InputCompression)

    package var description: String {
        switch self {
        case .damaged(let compression): "its \(compression.name) data is damaged, or something else follows it"
        case .endsTooEarly(let compression): "its \(compression.name) data ends too early: the file was cut off"
        case .noMemory(let compression): "its \(compression.name) data needs more memory than is given to it"
        }
    }
}
