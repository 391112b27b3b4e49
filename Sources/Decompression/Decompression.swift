package import Model

/// Unpacks whole files, in bounded memory.
package enum Decompression {
    fileprivate static let chunkByteCount = 256 << 10

    /// - Parameters:
    ///   - read: Fills some of the buffer with what comes next of the compressed file; 0 at its end.
    ///   - write: Takes what comes next of the contents; the bytes are valid until it returns.
    /// - Throws: ``DecompressionError``, and whatever `read` and `write` throw.
    package static func unpack(
        _ compression: InputCompression, read: (UnsafeMutableRawBufferPointer) throws -> Int,
        write: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let unpacker = try Unpacker(compression)
        let output = UnsafeMutableRawBufferPointer.allocate(byteCount: chunkByteCount, alignment: 16)
        defer { output.deallocate() }
        while true {
            let count = try unpacker.next(into: output, read: read)
            guard count > 0 else { return }
            try write(UnsafeRawBufferPointer(rebasing: output[..<count]))
        }
    }

    fileprivate static func makeDecoder(_ compression: InputCompression) throws(DecompressionError) -> any Decoder {
        switch compression {
        case .gzip: try GzipDecoder()
        case .bzip2: try BZip2Decoder()
        case .xz: try XZDecoder()
        case .zstandard: try ZStandardDecoder()
        }
    }
}

/// Unpacks one file, as much of it at a time as is asked for.
package final class Unpacker {
    private let compression: InputCompression
    private let decoder: any Decoder
    private let input: UnsafeMutableRawBufferPointer
    /// What was read and not unpacked yet.
    private var rest: UnsafeRawBufferPointer
    private var isAtEnd = false

    package init(_ compression: InputCompression) throws(DecompressionError) {
        self.compression = compression
        decoder = try Decompression.makeDecoder(compression)
        input = .allocate(byteCount: Decompression.chunkByteCount, alignment: 16)
        rest = UnsafeRawBufferPointer(rebasing: input[..<0])
    }

    deinit { input.deallocate() }

    /// - Parameters:
    ///   - output: Room for one byte or more.
    ///   - read: Fills some of the buffer with what comes next of the compressed file; 0 at its end.
    /// - Returns: How many bytes of the contents came; 0 at their end.
    /// - Throws: ``DecompressionError``, and whatever `read` throws.
    package func next(
        into output: UnsafeMutableRawBufferPointer, read: (UnsafeMutableRawBufferPointer) throws -> Int
    ) throws -> Int {
        while true {
            if rest.isEmpty, !isAtEnd {
                rest = UnsafeRawBufferPointer(rebasing: input[..<(try read(input))])
                isAtEnd = rest.isEmpty
            }
            let step = try decoder.step(rest, output, isLast: isAtEnd)
            rest = UnsafeRawBufferPointer(rebasing: rest[step.taken...])
            if step.given > 0 { return step.given }
            guard step.taken == 0 else { continue }
            if isAtEnd {
                guard step.isComplete else { throw DecompressionError.endsTooEarly(compression) }
                return 0
            }
            guard rest.isEmpty else { throw DecompressionError.damaged(compression) }
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
