/// Reads the documents that nearly every peer sends: UTF-8, and neither attributes, comments, CDATA sections nor
/// processing instructions. It takes a fraction of libxml2's time.
///
/// It only ever says yes. What it doesn't know, and all that is wrong, it leaves to libxml2, which then reads the
/// document again from its beginning and has the last word. So there is one judge of what is an error and of what the
/// error is; the fuzzer holds the two against each other.
struct PlainScanner {
    /// Of the elements that are open, the outermost first.
    private var openNames: [PlainName] = []

    /// - Parameters:
    ///   - document: The whole of it, without a byte order mark.
    ///   - reader: Reset. Gets the same events that libxml2 would make.
    /// - Returns: false if libxml2 has to read the document; the reader must be reset then.
    mutating func read(_ document: UnsafeRawBufferPointer, into reader: inout DocumentReader) -> Bool {
        openNames.removeAll(keepingCapacity: true)
        var input = PlainInput(document)
        guard input.skipProlog(), takeTag(&input, &reader), input.position <= MessageDecoder.prologByteCountMax else {
            return false
        }
        while !openNames.isEmpty {
            guard takeText(&input, &reader), takeTag(&input, &reader) else { return false }
        }
        return input.skipWhitespaceToEnd() && reader.isComplete
    }

    /// One start tag, end tag or empty element.
    @inline(__always)
    private mutating func takeTag(_ input: inout PlainInput, _ reader: inout DocumentReader) -> Bool {
        guard let tag = input.takeTag() else { return false }
        switch tag.kind {
        case .end:
            guard openNames.popLast() == tag.name else { return false }
            reader.endElement()
        case .start, .empty:
            guard let element = tag.name.element else { return false }
            reader.startElement(element)
            if tag.kind == .start {
                openNames.append(tag.name)
            } else {
                reader.endElement()
            }
        }
        return reader.fault == nil
    }

    /// Everything up to the next tag.
    @inline(__always)
    private func takeText(_ input: inout PlainInput, _ reader: inout DocumentReader) -> Bool {
        while let piece = input.takeText() {
            switch piece {
            case .run(let run): reader.characters(run)
            case .character(let scalar): reader.character(scalar)
            case .end: return true
            }
        }
        return false
    }
}
