/// Documents to values and back, for whole documents. For documents that arrive in pieces, and to save the set-up from
/// one document to the next, see ``MessageDecoder``.
///
/// ```swift
/// let bytes = try XMLRPCCodec.encode(MethodCall(methodName: "job.status", parameters: [7]))
/// let call = try XMLRPCCodec.decodeCall(bytes)
/// ```
///
/// Decoding never traps, whatever the bytes. The message of a fault says what is wrong and where, and never repeats
/// any of the input.
public enum XMLRPCCodec {
    /// - Parameter charset: The `charset` parameter of the Content-Type, if there was one.
    /// - Throws: -32700, -32701, -32702 or -32600.
    public static func decodeCall(
        _ bytes: [UInt8], charset: String? = nil, limits: DecodingLimits = DecodingLimits()
    ) throws(XMLRPCFault) -> MethodCall {
        var decoder = MessageDecoder(limits: limits)
        return try bytes.withUnsafeBufferPointer { bytes throws(XMLRPCFault) in
            try decoder.decodeCall(UnsafeRawBufferPointer(bytes), charset: charset)
        }
    }

    /// - Parameter charset: The `charset` parameter of the Content-Type, if there was one.
    /// - Throws: -32700, -32701, -32702 or -32600: faults of the document. A fault that the document carries is returned.
    public static func decodeResponse(
        _ bytes: [UInt8], charset: String? = nil, limits: DecodingLimits = DecodingLimits()
    ) throws(XMLRPCFault) -> MethodResponse {
        var decoder = MessageDecoder(limits: limits)
        return try bytes.withUnsafeBufferPointer { bytes throws(XMLRPCFault) in
            try decoder.decodeResponse(UnsafeRawBufferPointer(bytes), charset: charset)
        }
    }

    /// - Throws: -32603 for what no document can hold: a string with a character that XML forbids, a double that is not
    ///   finite, a dateTime that does not exist, a bad method name, or more levels than `depthMax`.
    public static func encode(
        _ call: MethodCall, depthMax: Int = DecodingLimits().depthMax
    ) throws(XMLRPCFault) -> [UInt8] {
        var writer = DocumentWriter(depthMax: depthMax)
        try writer.write(call)
        return writer.bytes
    }

    /// - Throws: -32603 for what no document can hold; never for a fault.
    public static func encode(
        _ response: MethodResponse, depthMax: Int = DecodingLimits().depthMax
    ) throws(XMLRPCFault) -> [UInt8] {
        var writer = DocumentWriter(depthMax: depthMax)
        try writer.write(response)
        return writer.bytes
    }

    /// The document of a fault, which can always be written.
    public static func encode(_ fault: XMLRPCFault) -> [UInt8] {
        var writer = DocumentWriter(depthMax: 2)
        writer.write(fault)
        return writer.bytes
    }
}
