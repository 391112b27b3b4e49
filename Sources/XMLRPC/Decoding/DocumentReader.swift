/// Reads one document from the XML parser's events: checks the grammar, counts against the limits, and builds the
/// values. All stacks are its own, so that no nesting of the input becomes a nesting of calls.
///
/// Values that are complete wait in one flat stack until the element that owns them ends, and become one array or one
/// struct there. Each open element is a ``Frame`` that remembers where its own values begin.
struct DocumentReader {
    private let limits: DecodingLimits
    private var frames: [Frame] = []
    private var values: [XMLRPCValue] = []
    private var memberNames: [String] = []
    /// The text so far of the innermost element that may hold text. One buffer is enough: an element with text in it has
    /// no children, or only white text before them.
    private var text: [UInt8] = []
    private var depth = 0
    private var valueCount = 0
    private var methodName: String?
    private(set) var root: Root?

    /// The first thing found wrong; nothing after it is looked at.
    private(set) var fault: XMLRPCFault?
    /// Events of any kind, to see whether the parser gets anywhere.
    private(set) var eventCount = 0

    enum Root {
        case call, response, faultResponse
    }

    init(limits: DecodingLimits) {
        self.limits = limits
    }

    /// Forgets the document, and keeps the room it took unless that was much.
    mutating func reset() {
        frames.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: values.capacity <= 1024)
        memberNames.removeAll(keepingCapacity: memberNames.capacity <= 1024)
        text.removeAll(keepingCapacity: text.capacity <= 64 << 10)
        depth = 0
        valueCount = 0
        methodName = nil
        root = nil
        fault = nil
        eventCount = 0
    }

    mutating func refuse(_ fault: XMLRPCFault) {
        if self.fault == nil { self.fault = fault }
    }

    // MARK: Events

    mutating func startElement(_ element: Element?) {
        eventCount += 1
        guard fault == nil else { return }
        do throws(XMLRPCFault) {
            guard let element else { throw .invalidRequest("an unknown element") }
            try open(element)
        } catch {
            fault = .invalidRequest(error.message + path)
        }
    }

    mutating func endElement() {
        eventCount += 1
        guard fault == nil, let frame = frames.last else { return }
        do throws(XMLRPCFault) {
            try close(frame)
            frames.removeLast()
        } catch {
            fault = .invalidRequest(error.message + path)
        }
    }

    mutating func characters(_ bytes: UnsafeBufferPointer<UInt8>) {
        eventCount += 1
        guard fault == nil, let frame = frames.last else { return }
        switch frame.place {
        case .methodName, .name, .scalar:
            text.append(contentsOf: bytes)
        case .value where !frame.seen.contains(.content):
            text.append(contentsOf: bytes)
        case .nil:
            if !bytes.isEmpty { fault = .invalidRequest("text inside a nil\(path)") }
        case .methodCall, .methodResponse, .fault, .callParams, .responseParams, .param, .value, .structure, .member,
            .array, .data:
            if !bytes.allSatisfy(isXMLWhitespace) { fault = .invalidRequest("text between elements\(path)") }
        }
    }

    mutating func character(_ character: Unicode.Scalar) {
        let bytes = UTF8.encode(character) ?? UTF8.encodedReplacementCharacter
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 4) { buffer in
            let end = buffer.initialize(fromContentsOf: bytes)
            characters(UnsafeBufferPointer(rebasing: buffer[..<end]))
        }
    }

    /// Text of a CDATA section. The push parser leaves its line ends as they came, which XML turns into LF (XML 1.0,
    /// section 2.11).
    ///
    /// - Parameter bytes: With at least one more byte of the document behind them: the next one, or the section's end.
    mutating func section(_ bytes: UnsafeBufferPointer<UInt8>) {
        let carriageReturn = UInt8(ascii: "\r"), lineFeed = UInt8(ascii: "\n")
        guard let start = bytes.baseAddress, bytes.contains(carriageReturn) else { return characters(bytes) }
        var lines: [UInt8] = []
        lines.reserveCapacity(bytes.count)
        for (index, byte) in bytes.enumerated() {
            if byte != carriageReturn {
                lines.append(byte)
            } else if start[index + 1] != lineFeed {
                lines.append(lineFeed)
            }
        }
        lines.withUnsafeBufferPointer { characters($0) }
    }

    mutating func documentType() {
        eventCount += 1
        refuse(.documentType)
    }

    // MARK: Results, for a document that ended without a fault

    func call() throws(XMLRPCFault) -> MethodCall {
        guard root == .call, let methodName else { throw .invalidRequest("the document is not a methodCall") }
        return MethodCall(methodName: methodName, parameters: values)
    }

    func response() throws(XMLRPCFault) -> MethodResponse {
        guard let root, root != .call, let value = values.first else {
            throw .invalidRequest("the document is not a methodResponse")
        }
        guard root == .faultResponse else { return .value(value) }
        guard let fault = XMLRPCFault(value) else {
            throw .invalidRequest("a fault is not a struct of an int faultCode and a string faultString alone")
        }
        return .fault(fault)
    }

    var isComplete: Bool { root != nil && frames.isEmpty }

    // MARK: Grammar

    private mutating func open(_ element: Element) throws(XMLRPCFault) {
        guard let last = frames.indices.last else { return try openRoot(element) }
        let parent = frames[last]
        guard let child = parent.place.child(element) else {
            throw .invalidRequest("an element that \(parent.place.name) can't hold")
        }
        guard child.mayRepeat || !parent.seen.contains(child.mark) else {
            throw .invalidRequest("\(parent.place.name) has more than one \(repeated(child.place))")
        }
        if parent.place == .value, !text.allSatisfy(isXMLWhitespace) {
            throw .invalidRequest("text beside the type element of a value")
        }
        frames[last].seen.insert(child.mark)
        if child.place == .value { try countValue() }
        if child.place == .fault { root = .faultResponse }
        push(child.place)
    }

    /// What an element has one too many of, in words.
    private func repeated(_ place: Place) -> String {
        switch place {
        case .array, .structure, .nil, .scalar: "type element"
        case .responseParams, .fault: "params or fault"
        case .callParams: "params"
        case .methodName: "methodName"
        case .name: "name"
        case .data: "data"
        case .param: "param"
        case .value, .member, .methodCall, .methodResponse: "value"
        }
    }

    private mutating func openRoot(_ element: Element) throws(XMLRPCFault) {
        switch element {
        case .methodCall:
            root = .call
            push(.methodCall)
        case .methodResponse:
            root = .response
            push(.methodResponse)
        default:
            throw .invalidRequest("the root element is neither methodCall nor methodResponse")
        }
    }

    private mutating func push(_ place: Place) {
        if !text.isEmpty { text.removeAll(keepingCapacity: true) }
        frames.append(Frame(place: place, valueStart: values.count, nameStart: memberNames.count))
    }

    private mutating func countValue() throws(XMLRPCFault) {
        depth += 1
        valueCount += 1
        guard depth <= limits.depthMax else {
            throw .invalidRequest("values are nested deeper than the limit of \(limits.depthMax)")
        }
        guard valueCount <= limits.valueCountMax else {
            throw .invalidRequest("the document holds more values than the limit of \(limits.valueCountMax)")
        }
    }

    private mutating func close(_ frame: Frame) throws(XMLRPCFault) {
        guard frame.seen.isSuperset(of: frame.place.required) else {
            throw .invalidRequest("\(frame.place.name) without \(frame.missing)")
        }
        switch frame.place {
        case .methodName:
            guard isMethodName(text) else {
                throw .invalidRequest("a methodName is not one or more of A-Z a-z 0-9 _ . : /")
            }
            methodName = String(decoding: text, as: UTF8.self)
        case .name:
            let name = String(decoding: text, as: UTF8.self)
            guard StreamSafeText.isSafe(name) else {
                throw .invalidRequest(
                    "a member's name has more than \(StreamSafeText.combiningRunMax) combining characters in a row")
            }
            memberNames.append(name)
        case .scalar(let type):
            values.append(try type.value(of: text))
        case .nil:
            values.append(.nil)
        case .value:
            depth -= 1
            if !frame.seen.contains(.content) { values.append(.string(String(decoding: text, as: UTF8.self))) }
        case .array:
            closeArray(frame)
        case .structure:
            try closeStructure(frame)
        case .methodCall, .methodResponse, .fault, .callParams, .responseParams, .param, .member, .data:
            break
        }
    }

    private mutating func closeArray(_ frame: Frame) {
        let items = Array(values[frame.valueStart...])
        values.removeLast(items.count)
        values.append(.array(items))
    }

    private mutating func closeStructure(_ frame: Frame) throws(XMLRPCFault) {
        let memberCount = values.count - frame.valueStart
        var members = Dictionary<String, XMLRPCValue>(minimumCapacity: memberCount)
        for offset in 0..<memberCount {
            let name = memberNames[frame.nameStart + offset]
            guard members.updateValue(values[frame.valueStart + offset], forKey: name) == nil else {
                throw .invalidRequest("a struct has two members of the same name")
            }
        }
        values.removeLast(memberCount)
        memberNames.removeLast(memberCount)
        values.append(.structure(members))
    }

    // MARK: Where

    private static let pathStepCountMax = 8

    /// Where the reader stands, in words without any input: ", in parameter 2, item 14, member 3", numbered from 1.
    private var path: String {
        var steps: [String] = []
        for (frame, child) in zip(frames, frames.dropFirst()) {
            let number = child.valueStart - frame.valueStart + 1
            switch frame.place {
            case .callParams: steps.append("parameter \(number)")
            case .fault: steps.append("the fault")
            case .data: steps.append("item \(number)")
            case .structure: steps.append("member \(number)")
            default: break
            }
        }
        if steps.isEmpty { return "" }
        let depthNote = steps.count > Self.pathStepCountMax ? " and deeper" : ""
        return ", in " + steps.prefix(Self.pathStepCountMax).joined(separator: ", ") + depthNote
    }
}
