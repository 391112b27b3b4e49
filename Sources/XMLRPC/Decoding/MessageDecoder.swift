/// Decodes documents that arrive in pieces, one after the other: keep one per connection.
///
/// ```swift
/// var decoder = MessageDecoder()
/// decoder.begin(charset: "utf-8")  // for each document; may be left out for the first
/// try decoder.append(piece)  // as often as needed, in pieces of any size
/// let call = try decoder.finishCall()  // or finishResponse()
/// ```
///
/// After a fault every further `append` and `finish` of the same document throws it again; `begin` starts afresh.
///
/// `Sendable`: the value can't be copied, so that whoever holds it is the only one to reach the parser behind it, and
/// every use of the parser is `mutating` and thus exclusive. libxml2 ties a context to no thread.
public struct MessageDecoder: ~Copyable, @unchecked Sendable {
    public let limits: DecodingLimits

    private var parser: PushParser
    private var charset: String?
    /// Bytes that wait for enough others: libxml2 takes time quadratic in the number of pieces.
    private var pending: [UInt8] = []
    private var receivedByteCount = 0
    private var sliceByteCount = prologByteCountMax
    private var hasBegunParsing = false
    private var fault: XMLRPCFault?
    /// Whether whole documents may be read without libxml2; for tests that hold the two ways against each other.
    package var readsPlain = true

    /// The root element's start tag must end within this many bytes. It refuses a document type declaration of many
    /// megabytes at its beginning, not its end.
    public static let prologByteCountMax = 4 << 10

    /// A tag that fills a slice is refused: libxml2 takes time quadratic in its attributes.
    private static let sliceByteCountMax = 64 << 10

    public init(limits: DecodingLimits = DecodingLimits()) {
        self.limits = limits
        parser = PushParser(limits: limits)
    }

    /// Forgets everything about the document so far and begins another.
    ///
    /// - Parameter charset: The `charset` parameter of its Content-Type, if there was one. A byte order mark goes before
    ///   it, and it goes before the XML declaration (RFC 7303 section 3).
    public mutating func begin(charset: String? = nil) {
        self.charset = charset
        pending.removeAll(keepingCapacity: pending.capacity <= Self.sliceByteCountMax)
        receivedByteCount = 0
        sliceByteCount = Self.prologByteCountMax
        hasBegunParsing = false
        fault = nil
    }

    /// Takes the next bytes of the document; the memory is not kept.
    ///
    /// - Throws: A fault, as soon as one is certain; the rest of the document need not be read then.
    public mutating func append(_ bytes: UnsafeRawBufferPointer) throws(XMLRPCFault) {
        try admit(bytes.count)
        var rest = bytes
        // The last slice is kept back even when it is full: it may turn out to be the document's end.
        while pending.count + rest.count > sliceByteCount {
            if pending.isEmpty {
                try parse(rest.takePrefix(sliceByteCount), isLast: false)
            } else {
                pending.append(contentsOf: rest.takePrefix(sliceByteCount - pending.count))
                try parsePending(isLast: false)
            }
        }
        pending.append(contentsOf: rest)
    }

    /// Ends the document.
    public mutating func finishCall() throws(XMLRPCFault) -> MethodCall {
        try parsePending(isLast: true)
        return try parser.call()
    }

    /// Ends the document.
    public mutating func finishResponse() throws(XMLRPCFault) -> MethodResponse {
        try parsePending(isLast: true)
        return try parser.response()
    }

    /// Ends the document, whichever of the two it is.
    package mutating func finishMessage() throws(XMLRPCFault) -> XMLRPCMessage {
        try parsePending(isLast: true)
        return try parser.message()
    }

    /// Decodes a document that is there as a whole, whichever of the two it is.
    package mutating func decodeMessage(_ bytes: UnsafeRawBufferPointer) throws(XMLRPCFault) -> XMLRPCMessage {
        try parseWhole(bytes, charset: nil)
        return try parser.message()
    }

    /// Decodes a document that is there as a whole, without copying it.
    public mutating func decodeCall(
        _ bytes: UnsafeRawBufferPointer, charset: String? = nil
    ) throws(XMLRPCFault) -> MethodCall {
        try parseWhole(bytes, charset: charset)
        return try parser.call()
    }

    /// Decodes a document that is there as a whole, without copying it.
    public mutating func decodeResponse(
        _ bytes: UnsafeRawBufferPointer, charset: String? = nil
    ) throws(XMLRPCFault) -> MethodResponse {
        try parseWhole(bytes, charset: charset)
        return try parser.response()
    }

    /// Bytes of element and attribute names that the parser has kept from document to document; for tests.
    package var dictionaryByteCount: Int { parser.dictionaryByteCount }

    // MARK: Slices

    private mutating func parseWhole(_ bytes: UnsafeRawBufferPointer, charset: String?) throws(XMLRPCFault) {
        begin(charset: charset)
        try admit(bytes.count)
        if readsPlain, DocumentEncoding(charset: charset, start: bytes)?.isPlain == true, parser.readPlain(bytes) {
            return
        }
        var rest = bytes
        while rest.count > sliceByteCount { try parse(rest.takePrefix(sliceByteCount), isLast: false) }
        try parse(rest, isLast: true)
    }

    private mutating func admit(_ byteCount: Int) throws(XMLRPCFault) {
        if let fault { throw fault }
        receivedByteCount += byteCount
        guard receivedByteCount <= limits.byteCountMax else {
            throw remember(.invalidRequest("the document is longer than the limit of \(limits.byteCountMax) bytes"))
        }
    }

    private mutating func parsePending(isLast: Bool) throws(XMLRPCFault) {
        // Moved out and back: a stored array can't be read while the rest of the value changes.
        var bytes = exchange(&pending, with: [])
        defer {
            bytes.removeAll(keepingCapacity: true)
            pending = bytes
        }
        try bytes.withUnsafeBufferPointer { bytes throws(XMLRPCFault) in
            try parse(UnsafeRawBufferPointer(bytes), isLast: isLast)
        }
    }

    private mutating func parse(_ slice: UnsafeRawBufferPointer, isLast: Bool) throws(XMLRPCFault) {
        if let fault { throw fault }
        if !hasBegunParsing {
            hasBegunParsing = true
            guard let encoding = DocumentEncoding(charset: charset, start: slice) else {
                throw remember(.xml(.unsupportedEncoding))
            }
            parser.begin(encoding)
        }
        let eventCountBefore = parser.eventCount
        do throws(XMLRPCFault) {
            try parser.parse(slice, isLast: isLast)
        } catch {
            throw remember(error)
        }
        guard isLast || parser.hasRoot else { throw remember(.longProlog(slice)) }
        let isWholeSlice = sliceByteCount == Self.sliceByteCountMax
        sliceByteCount = Self.sliceByteCountMax
        if !isLast, isWholeSlice, parser.eventCount == eventCountBefore, parser.isInsideTag {
            throw remember(.invalidRequest("a tag is longer than \(Self.sliceByteCountMax) bytes"))
        }
    }

    private mutating func remember(_ fault: XMLRPCFault) -> XMLRPCFault {
        self.fault = fault
        parser.discardContext()
        return fault
    }
}

extension XMLRPCFault {
    /// - Parameter prolog: The document's beginning, without the end of its prolog.
    fileprivate static func longProlog(_ prolog: UnsafeRawBufferPointer) -> XMLRPCFault {
        // The parser tells of a declaration only when it has seen the end of its first part.
        if prolog.contains(Array("<!DOCTYPE".utf8)) { return .documentType }
        return .invalidRequest(
            "the root element does not begin within the first \(MessageDecoder.prologByteCountMax) bytes")
    }
}

extension UnsafeRawBufferPointer {
    fileprivate mutating func takePrefix(_ byteCount: Int) -> UnsafeRawBufferPointer {
        defer { self = UnsafeRawBufferPointer(rebasing: dropFirst(byteCount)) }
        return UnsafeRawBufferPointer(rebasing: prefix(byteCount))
    }
}
