import NIOCore
import XMLRPC

/// The document of a call that is decoded while it comes, because it is long, or packed: so that no more of it is in
/// memory than the decoder's slice and the values that it has made.
///
/// A fault ends the decoding. What comes after it is counted and dropped, and the fault is the answer when all has come.
final class IncomingDocument {
    private let decoders: DecoderStock
    private let budget: ByteBudget
    private let byteCountMax: Int
    private let inflater: Inflater?
    private var decoder: DecoderStock.Decoder?
    private var fault: XMLRPCFault?
    private var byteCount = 0
    /// Of the document, as far as it has come: other than what was sent when that is packed.
    private(set) var unpackedByteCount = 0
    private var takenByteCount = 0
    private var hasRoom = true

    /// A shorter one that is not packed is decoded as a whole when it has come.
    static let byteCountMin = 64 << 10

    /// - Parameter byteCountMax: Of the document, and of what it is packed in.
    init(coding: ContentCoding, charset: String?, byteCountMax: Int, decoders: DecoderStock, budget: ByteBudget) {
        self.decoders = decoders
        self.budget = budget
        self.byteCountMax = byteCountMax
        inflater =
            coding == .identity ? nil : Inflater(isGzip: coding == .gzip, outputByteCountMax: byteCountMax)
        decoder = decoders.take(charset: charset)
    }

    deinit { giveBack() }

    /// Makes room for others. Who refuses a document does it before saying so, lest the next one meet what is no more.
    func giveBack() {
        budget.giveBack(takenByteCount)
        takenByteCount = 0
    }

    /// - Throws: 413 for too many bytes, 400 for a damaged packing, 503 when other documents leave no room.
    func append(_ bytes: ByteBuffer) throws(Refusal) {
        byteCount += bytes.readableBytes
        guard byteCount <= byteCountMax else { throw Refusal.tooLong(byteCountMax: Int64(byteCountMax)) }
        let result = bytes.withUnsafeReadableBytes { bytes in
            Result { () throws(Inflater.Fault) in
                guard let inflater else { return decode(bytes) }
                try inflater.append(bytes, decode)
            }
        }
        if case .failure(let fault) = result { throw refusal(fault) }
        guard hasRoom else {
            throw Refusal(
                503, "the documents that are being received pass \(budget.byteCountMax) bytes; try again later")
        }
    }

    /// - Throws: 400 for a packing that is cut short.
    func finish() throws(Refusal) -> Result<MethodCall, XMLRPCFault> {
        do throws(Inflater.Fault) {
            try inflater?.finish()
        } catch {
            throw refusal(error)
        }
        if let fault { return .failure(fault) }
        guard let decoder else { preconditionFailure("a document ends once") }
        self.decoder = nil
        let result = decoder.value.withLock { decoder in
            Result { () throws(XMLRPCFault) in try decoder.finishCall() }
        }
        decoders.putBack(decoder, documentByteCount: unpackedByteCount)
        return result
    }

    private func decode(_ bytes: UnsafeRawBufferPointer) {
        unpackedByteCount += bytes.count
        // What is dropped takes no room.
        guard fault == nil, let decoder else { return }
        takenByteCount += bytes.count
        hasRoom = budget.take(bytes.count) && hasRoom
        guard hasRoom else { return }
        let result = decoder.value.withLock { decoder in
            Result { () throws(XMLRPCFault) in try decoder.append(bytes) }
        }
        guard case .failure(let fault) = result else { return }
        self.fault = fault
        // With all that it has made.
        self.decoder = nil
    }

    private func refusal(_ fault: Inflater.Fault) -> Refusal {
        switch fault {
        case .damaged: Refusal(400, "the body is not what its Content-Encoding says")
        case .tooLong: Refusal(413, "the body is longer than \(byteCountMax) bytes when it is unpacked")
        case .noMemory: Refusal(503, "there is no memory to unpack the body")
        }
    }
}
