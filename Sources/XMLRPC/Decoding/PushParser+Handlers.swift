import CLibXML2

extension PushParser {
    /// The callbacks. Each finds the reader at the address that the parser was made with. Once the reader has a fault
    /// they do nothing, and ``parse(_:isLast:)`` gives up after the slice: stopping libxml2 from inside a callback frees
    /// the input that the caller may still be reading.
    ///
    /// What is not set matters too: without `getEntity`, `entityDecl` and `getParameterEntity` no entity is ever kept or
    /// expanded, and without `resolveEntity` none is fetched.
    static var handlers: xmlSAXHandler {
        var handlers = xmlSAXHandler()
        handlers.initialized = UInt32(XML_SAX2_MAGIC)
        handlers.startElementNs = { reader, localName, prefix, namespace, namespaceCount, _, attributeCount, _, _ in
            guard let localName else { return }
            if Int(namespaceCount) + Int(attributeCount) > PushParser.attributeCountMax {
                readerPointer(reader).pointee.refuse(
                    .invalidRequest("an element has more than \(PushParser.attributeCountMax) attributes"))
            }
            readerPointer(reader).pointee.startElement(
                Element(localName: localName, prefix: prefix, namespace: namespace))
        }
        handlers.endElementNs = { reader, _, _, _ in readerPointer(reader).pointee.endElement() }
        handlers.characters = onCharacters
        // The same function, so that libxml2 does not try to tell the two kinds of text apart.
        handlers.ignorableWhitespace = onCharacters
        handlers.cdataBlock = { reader, bytes, byteCount in
            guard let bytes else { return }
            readerPointer(reader).pointee.section(UnsafeBufferPointer(start: bytes, count: Int(byteCount)))
        }
        handlers.internalSubset = { reader, _, _, _ in readerPointer(reader).pointee.documentType() }
        handlers.serror = { reader, error in
            guard let error, error.pointee.level == XML_ERR_FATAL else { return }
            readerPointer(reader).pointee.refuse(fault(of: error.pointee))
        }
        return handlers
    }
}

// Outside the type: a C function pointer has no room for anything captured, a metatype included.

private let onCharacters: charactersSAXFunc = { reader, bytes, byteCount in
    readerPointer(reader).pointee.characters(UnsafeBufferPointer(start: bytes, count: Int(byteCount)))
}

private func readerPointer(_ pointer: UnsafeMutableRawPointer?) -> UnsafeMutablePointer<DocumentReader> {
    // Never nil: it is the user data that the context was created with.
    pointer.unsafelyUnwrapped.assumingMemoryBound(to: DocumentReader.self)
}

private func fault(of error: xmlError) -> XMLRPCFault {
    .xml(
        XMLError(number: error.code, isBadUTF8: isBadUTF8(error), line: error.line, column: error.int2))
}

/// Only its message tells an error in the bytes from a character that XML forbids, such as one that a reference names.
private func isBadUTF8(_ error: xmlError) -> Bool {
    let message = error.message.map { String(cString: $0) } ?? ""
    if message.hasPrefix("Input is not proper UTF-8") { return true }
    // Three or four bytes in the pattern of UTF-8 for what is no Unicode scalar.
    return message.hasPrefix("Char 0x") && Unicode.Scalar(UInt32(bitPattern: error.int1)) == nil
}
