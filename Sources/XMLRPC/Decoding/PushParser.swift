import CLibXML2

/// libxml2's SAX2 push parser with a ``DocumentReader`` behind it: the only file that calls C.
///
/// The reader lives in memory of its own, at an address that does not move, because that address is what the parser
/// hands to the callbacks. Both belong to this value alone.
struct PushParser: ~Copyable {
    private let reader: UnsafeMutablePointer<DocumentReader>
    private var context: xmlParserCtxtPtr?
    private var isFresh = true
    private var scanner = PlainScanner()

    /// A context keeps every name it has seen, for its whole life. Past this a new one is made.
    private static let dictionaryByteCountMax = 64 << 10

    /// Of one element. XML-RPC has none; libxml2 compares each with each.
    static let attributeCountMax = 64

    /// Once in the process, before the first parser. A static variable's first use is serialised.
    private static let libraryReady: Void = xmlInitParser()

    init(limits: DecodingLimits) {
        reader = .allocate(capacity: 1)
        reader.initialize(to: DocumentReader(limits: limits))
    }

    deinit {
        Self.free(context)
        reader.deinitialize(count: 1)
        reader.deallocate()
    }

    private static func free(_ context: xmlParserCtxtPtr?) {
        guard let context else { return }
        xmlFreeDoc(context.pointee.myDoc)
        context.pointee.myDoc = nil
        xmlFreeParserCtxt(context)
    }

    /// Whether the bytes so far end inside a tag.
    var isInsideTag: Bool {
        context.map { [XML_PARSER_START_TAG, XML_PARSER_END_TAG].contains($0.pointee.instate) } ?? false
    }

    var hasRoot: Bool { reader.pointee.root != nil }
    var eventCount: Int { reader.pointee.eventCount }

    /// The document, after a last slice that was parsed without a fault.
    func call() throws(XMLRPCFault) -> MethodCall { try reader.pointee.call() }
    func response() throws(XMLRPCFault) -> MethodResponse { try reader.pointee.response() }
    func message() throws(XMLRPCFault) -> XMLRPCMessage {
        reader.pointee.root == .call ? .call(try call()) : .response(try response())
    }

    /// Makes ready for a new document.
    ///
    /// - Parameter encoding: Where the character encoding is to be found.
    mutating func begin(_ encoding: DocumentEncoding) {
        reader.pointee.reset()
        if dictionaryByteCount > Self.dictionaryByteCountMax { discardContext() }
        if context == nil { makeContext() }
        guard let context else {
            return reader.pointee.refuse(
                XMLRPCFault(code: XMLRPCFault.internalError, message: "no memory for a parser"))
        }
        let routes = clibxml2_silence_errors()
        defer { clibxml2_restore_errors(routes) }
        configure(context, encoding)
        isFresh = false
    }

    private func configure(_ context: xmlParserCtxtPtr, _ encoding: DocumentEncoding) {
        var options = XML_PARSE_NONET.rawValue
        switch encoding {
        case .detected(let declarationCounts):
            if !isFresh { xmlCtxtResetPush(context, nil, 0, nil, nil) }
            // The reset says UTF-8, which would switch detection off.
            context.pointee.charset = Int32(XML_CHAR_ENCODING_NONE.rawValue)
            if !declarationCounts { options |= XML_PARSE_IGNORE_ENC.rawValue }
        case .utf8:
            // libxml2's native encoding: named in the reset it would be converted to itself.
            if !isFresh { xmlCtxtResetPush(context, nil, 0, nil, nil) }
            context.pointee.charset = Int32(XML_CHAR_ENCODING_UTF8.rawValue)
            options |= XML_PARSE_IGNORE_ENC.rawValue
        case .named(let name):
            xmlCtxtResetPush(context, nil, 0, nil, name)
            options |= XML_PARSE_IGNORE_ENC.rawValue
        }
        // Neither is cleared by a reset, and options are only ever added.
        context.pointee.checkIndex = 0
        context.pointee.options = 0
        xmlCtxtUseOptions(context, Int32(bitPattern: options))
    }

    /// Reads a whole document without libxml2, if it is plain enough.
    ///
    /// - Returns: false if it is not: then nothing is known of it, and `begin` comes next.
    mutating func readPlain(_ document: UnsafeRawBufferPointer) -> Bool {
        let reader = reader
        reader.pointee.reset()
        return scanner.read(document, into: &reader.pointee)
    }

    /// Bytes of names that the context has kept.
    var dictionaryByteCount: Int { context.map { Int(xmlDictGetUsage($0.pointee.dict)) } ?? 0 }

    private mutating func makeContext() {
        Self.libraryReady
        var handlers = Self.handlers
        context = xmlCreatePushParserCtxt(&handlers, reader, nil, 0, nil)
        isFresh = true
    }

    /// After a fault: a context that stopped half way is not worth trusting.
    mutating func discardContext() {
        Self.free(context)
        context = nil
    }

    /// Parses the next bytes of the document.
    ///
    /// - Parameters:
    ///   - bytes: Less than the 10,000,000 that libxml2 refuses.
    ///   - isLast: Whether the document ends here, which is when its completeness is checked.
    mutating func parse(_ bytes: UnsafeRawBufferPointer, isLast: Bool) throws(XMLRPCFault) {
        guard let context, reader.pointee.fault == nil else { throw failure(0) }
        let routes = clibxml2_silence_errors()
        let chunk = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
        let status = xmlParseChunk(context, chunk, Int32(bytes.count), isLast ? 1 : 0)
        clibxml2_restore_errors(routes)
        // wellFormed alone is not to be trusted: it can be 1 after an error.
        let isGood = status == 0 && context.pointee.wellFormed == 1 && (!isLast || reader.pointee.isComplete)
        guard isGood, reader.pointee.fault == nil else {
            let fault = failure(status)
            discardContext()
            throw fault
        }
    }

    /// What the reader found wrong, or the status of a parser that failed without telling it.
    private func failure(_ status: Int32) -> XMLRPCFault {
        if reader.pointee.fault == nil {
            reader.pointee.refuse(.xml(XMLError(number: status)))
        }
        return reader.pointee.fault ?? .invalidRequest("the document was refused")
    }
}
