/// A fatal error of the XML parser. The parser's own message is not kept, since it repeats the input.
struct XMLError {
    /// An `xmlParserErrors` code; 0 for a document that simply is not complete.
    var number: Int32
    /// Code 9 stands both for bytes that are no UTF-8 and for characters that XML forbids.
    var isBadUTF8 = false
    /// From 1; 0 if unknown.
    var line: Int32 = 0
    var column: Int32 = 0

    static let unsupportedEncoding = XMLError(number: 32)

    fileprivate var faultCode: Int {
        switch number {
        case 31, 32: XMLRPCFault.unsupportedEncoding
        case 81, 6003: XMLRPCFault.invalidCharacter
        case 9 where isBadUTF8: XMLRPCFault.invalidCharacter
        default: XMLRPCFault.parseError
        }
    }

    fileprivate var reason: String {
        switch number {
        case 4: "it is empty or does not begin with an element"
        case 0, 5: "it is cut short, or something follows its end"
        case 8: "a character reference to a character that XML forbids"
        case 9: "a character that XML forbids"
        case 26: "an entity that is not one of the five predefined ones"
        case 42: "an element with two attributes of the same name"
        case 62: "']]>' in text"
        case 64: "an XML declaration that is not at the very beginning"
        case 76: "an end tag that does not match its start tag"
        case 77: "it is cut short inside an element"
        default: "libxml2 error \(number)"
        }
    }
}

extension XMLRPCFault {
    /// What a fatal error of the XML parser means to a caller.
    static func xml(_ error: XMLError) -> XMLRPCFault {
        let place = error.line > 0 ? ", at line \(error.line), column \(error.column)" : ""
        let message =
            switch error.faultCode {
            case unsupportedEncoding: "the document's character encoding is not supported; send UTF-8"
            case invalidCharacter: "the document holds bytes that are invalid in its encoding\(place)"
            default: "the document is not well-formed XML: \(error.reason)\(place)"
            }
        return XMLRPCFault(code: error.faultCode, message: message)
    }

    static let documentType = XMLRPCFault(
        code: parseError, message: "a document type declaration, which is not allowed")

    /// -32600: what arrived is not XML-RPC, or is past a limit.
    ///
    /// - Parameter message: Says what is wrong, in words that never come from the input.
    static func invalidRequest(_ message: String) -> XMLRPCFault {
        XMLRPCFault(code: invalidRequest, message: message)
    }
}
