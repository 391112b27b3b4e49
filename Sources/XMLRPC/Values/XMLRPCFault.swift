/// An XML-RPC fault: a number for programs and a sentence for people.
///
/// The codes from -32768 to -32000 are reserved by the fault code interoperability specification. A method's own faults
/// use numbers outside that range, or one of ``invalidParameters``, ``internalError``, ``applicationError``,
/// ``systemError`` and ``transportError``; see ``MethodTable``.
public struct XMLRPCFault: Error, Hashable, Sendable, CustomStringConvertible {
    public let code: Int
    public let message: String

    /// Not well-formed XML.
    public static let parseError = -32700
    public static let unsupportedEncoding = -32701
    /// The bytes are not valid in the document's encoding.
    public static let invalidCharacter = -32702
    /// Well-formed XML that is not XML-RPC, or is past a limit.
    public static let invalidRequest = -32600
    public static let methodNotFound = -32601
    public static let invalidParameters = -32602
    public static let internalError = -32603
    public static let applicationError = -32500
    public static let systemError = -32400
    public static let transportError = -32300

    public static let reservedCodes = -32768 ... -32000

    /// - Parameters:
    ///   - code: A 32-bit signed integer, as the wire has no others; anything else is a programmer's error and traps.
    ///   - message: A sentence without secrets, paths or stack traces. Characters that XML can't carry become U+FFFD, so
    ///     that a fault can always be sent.
    public init(code: Int, message: String) {
        precondition(Int32(exactly: code) != nil, "a fault code has 32 bits; \(code) has more")
        self.code = code
        self.message = XMLCharacters.replacingUnrepresentable(in: message)
    }

    public var description: String { "fault \(code): \(message)" }
}
