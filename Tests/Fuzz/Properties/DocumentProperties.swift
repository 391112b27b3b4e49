import TestSupport
import XMLRPC

/// What must hold for any bytes that a decoder gets.
package enum DocumentProperties {
    private static let limits = DecodingLimits(depthMax: 64, valueCountMax: 100_000, byteCountMax: 1 << 20)

    /// - Returns: What does not hold; nil if all does.
    package static func violation(by document: UnsafeRawBufferPointer) -> String? {
        let judged = decoded(document, readsPlain: false)
        if decoded(document, readsPlain: true) != judged { return "it is read differently without libxml2" }
        if decodedInPieces(document) != judged { return "it is read differently in pieces" }
        guard case .success(let message) = judged else { return nil }
        do {
            let bytes = try encoded(message)
            let again = bytes.withUnsafeBytes { decoded($0, readsPlain: true) }
            // Names and texts that mean the same are equal for Swift; the bytes tell them apart.
            guard again == judged, try encoded(again.get()) == bytes else {
                return "it is another one when written and read"
            }
        } catch {
            return "it can't be written: \(error)"
        }
        return nil
    }

    private static func decoded(
        _ document: UnsafeRawBufferPointer, readsPlain: Bool
    ) -> Result<XMLRPCMessage, XMLRPCFault> {
        var decoder = MessageDecoder(limits: limits)
        decoder.readsPlain = readsPlain
        return Result { () throws(XMLRPCFault) in try decoder.decodeMessage(document) }
    }

    private static func decodedInPieces(_ document: UnsafeRawBufferPointer) -> Result<XMLRPCMessage, XMLRPCFault> {
        var random = SplitMix64(seed: UInt64(document.count))
        var decoder = MessageDecoder(limits: limits)
        return Result { () throws(XMLRPCFault) in
            var rest = document[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...2_000, using: &random))
                try decoder.append(UnsafeRawBufferPointer(rebasing: piece))
                rest = rest.dropFirst(piece.count)
            }
            return try decoder.finishMessage()
        }
    }

    private static func encoded(_ message: XMLRPCMessage) throws(XMLRPCFault) -> [UInt8] {
        switch message {
        case .call(let call): try XMLRPCCodec.encode(call)
        case .response(let response): try XMLRPCCodec.encode(response)
        }
    }
}
