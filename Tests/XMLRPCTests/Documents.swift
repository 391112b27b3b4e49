import XMLRPC

/// The document of a response with the given text between `<param>` and `</param>`.
func responseDocument(_ content: String) -> [UInt8] {
    Array("<?xml version=\"1.0\"?><methodResponse><params><param>\(content)</param></params></methodResponse>".utf8)
}

func decodedResponse(
    _ document: [UInt8], charset: String? = nil, limits: DecodingLimits = DecodingLimits()
) -> Result<MethodResponse, XMLRPCFault> {
    Result { () throws(XMLRPCFault) in
        try XMLRPCCodec.decodeResponse(document, charset: charset, limits: limits)
    }
}

func decodedCall(_ document: String) -> Result<MethodCall, XMLRPCFault> {
    Result { () throws(XMLRPCFault) in try XMLRPCCodec.decodeCall(Array(document.utf8)) }
}

/// Decodes the content of one `<value>`.
func decodedValue(_ content: String) -> Result<MethodResponse, XMLRPCFault> {
    decodedResponse(responseDocument("<value>\(content)</value>"))
}

/// Feeds a document to a decoder in the given pieces; the last one takes what is left.
func decodedInPieces(
    _ document: [UInt8], pieceByteCounts: some Sequence<Int>, decoder: inout MessageDecoder
) -> Result<MethodResponse, XMLRPCFault> {
    decoder.begin()
    do throws(XMLRPCFault) {
        var rest = document[...]
        for byteCount in pieceByteCounts {
            if rest.isEmpty { break }
            try append(rest.prefix(byteCount), to: &decoder)
            rest = rest.dropFirst(byteCount)
        }
        try append(rest, to: &decoder)
        return .success(try decoder.finishResponse())
    } catch {
        return .failure(error)
    }
}

func append(_ bytes: ArraySlice<UInt8>, to decoder: inout MessageDecoder) throws(XMLRPCFault) {
    try bytes.withUnsafeBufferPointer { bytes throws(XMLRPCFault) in
        try decoder.append(UnsafeRawBufferPointer(bytes))
    }
}

extension Result where Failure == XMLRPCFault {
    var fault: XMLRPCFault? {
        guard case .failure(let fault) = self else { return nil }
        return fault
    }

    var faultCode: Int? { fault?.code }
}
