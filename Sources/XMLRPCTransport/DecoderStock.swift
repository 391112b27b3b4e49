import NIOCore
import Synchronization
import XMLRPC

/// Decoders that wait to be used again: to set one up costs more than to decode a short document.
///
/// Whoever decodes has one to itself meanwhile, so that a server has one for each of its event loops, and for each long
/// document that is coming.
final class DecoderStock: Sendable {
    /// A decoder remembers its last document; after one longer than this it is thrown away.
    static let documentByteCountMax = 64 << 10
    static let countMax = 16

    /// A value that can't be copied can't be in an array.
    final class Decoder: Sendable {
        let value: Mutex<MessageDecoder>

        init(limits: DecodingLimits) {
            value = Mutex(MessageDecoder(limits: limits))
        }
    }

    private let limits: DecodingLimits
    private let idle = Mutex<[Decoder]>([])

    init(limits: DecodingLimits) {
        self.limits = limits
    }

    var idleCount: Int { idle.withLock(\.count) }

    func decodeCall(_ document: ByteBuffer, charset: String?) -> Result<MethodCall, XMLRPCFault> {
        decode(document) { decoder, bytes throws(XMLRPCFault) in try decoder.decodeCall(bytes, charset: charset) }
    }

    func decodeResponse(_ document: ByteBuffer) -> Result<MethodResponse, XMLRPCFault> {
        decode(document) { decoder, bytes throws(XMLRPCFault) in try decoder.decodeResponse(bytes) }
    }

    /// For a document that comes in pieces; `putBack` when it has come, unless it was refused.
    func take(charset: String?) -> Decoder {
        let decoder = idle.withLock { $0.popLast() } ?? Decoder(limits: limits)
        decoder.value.withLock { $0.begin(charset: charset) }
        return decoder
    }

    func putBack(_ decoder: Decoder, documentByteCount: Int) {
        guard documentByteCount <= Self.documentByteCountMax else { return }
        idle.withLock { idle in
            if idle.count < Self.countMax { idle.append(decoder) }
        }
    }

    private func decode<Message: Sendable>(
        _ document: ByteBuffer,
        _ body: (inout MessageDecoder, UnsafeRawBufferPointer) throws(XMLRPCFault) -> Message
    ) -> Result<Message, XMLRPCFault> {
        let decoder = idle.withLock { $0.popLast() } ?? Decoder(limits: limits)
        let result = document.withUnsafeReadableBytes { bytes in
            decoder.value.withLock { decoder in
                Result { () throws(XMLRPCFault) in try body(&decoder, bytes) }
            }
        }
        putBack(decoder, documentByteCount: document.readableBytes)
        return result
    }
}
