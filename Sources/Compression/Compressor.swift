package import Model

/// Packs one stream of bytes, in bounded memory.
///
/// What comes out depends on the bytes alone, and not on how many of them come at once: the libraries are given them in chunks of one
/// length. So all attempts of a task make the same file, as long as they have the same release of a library.
package final class Compressor {
    package typealias Take = (UnsafeRawBufferPointer) throws -> Void

    private let encoder: any Encoder
    private let input: UnsafeMutableRawBufferPointer
    private let output: UnsafeMutableRawBufferPointer
    private var inputCount = 0

    private static let chunkByteCount = 256 << 10

    /// - Throws: ``CompressionError/noMemory``
    package init(_ compression: OutputCompression) throws(CompressionError) {
        encoder =
            switch compression {
            case .gzip: try GzipEncoder()
            case .zstandard: try ZStandardEncoder()
            }
        input = .allocate(byteCount: Self.chunkByteCount, alignment: 16)
        output = .allocate(byteCount: Self.chunkByteCount, alignment: 16)
    }

    deinit {
        input.deallocate()
        output.deallocate()
    }

    /// - Parameter take: Given what is packed by now; the bytes are valid until it returns.
    /// - Throws: ``CompressionError``, and whatever `take` throws.
    package func write(_ bytes: UnsafeRawBufferPointer, to take: Take) throws {
        var rest = bytes
        while !rest.isEmpty {
            let count = min(rest.count, input.count - inputCount)
            UnsafeMutableRawBufferPointer(rebasing: input[inputCount..<(inputCount + count)])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: rest[..<count]))
            inputCount += count
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            if inputCount == input.count { try pack(isLast: false, take) }
        }
    }

    /// Packs what is left. Nothing follows.
    package func finish(to take: Take) throws { try pack(isLast: true, take) }

    private func pack(isLast: Bool, _ take: Take) throws {
        var rest = UnsafeRawBufferPointer(rebasing: input[..<inputCount])
        inputCount = 0
        while true {
            let step = try encoder.step(rest, output, isLast: isLast)
            if step.given > 0 { try take(UnsafeRawBufferPointer(rebasing: output[..<step.given])) }
            rest = UnsafeRawBufferPointer(rebasing: rest[step.taken...])
            if step.isDone { return }
        }
    }
}

/// Packs one stream in one format.
protocol Encoder: AnyObject {
    /// - Parameter isLast: Nothing follows `input`.
    func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer, isLast: Bool
    ) throws(CompressionError) -> EncodingStep
}

struct EncodingStep {
    /// Bytes of the input that are done with.
    let taken: Int
    /// Bytes of the output that were filled.
    let given: Int
    /// Whether all input is taken, and, if it was the last, all output given.
    let isDone: Bool
}

package enum CompressionError: Error, Hashable, CustomStringConvertible {
    case noMemory
    /// A library refuses what it is given, which it never should.
    case refused(reason: String)

    package var description: String {
        switch self {
        case .noMemory: "there is no memory left to compress output with"
        case .refused(let reason): "output cannot be compressed: \(reason)"
        }
    }
}
