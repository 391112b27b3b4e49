/// Writes documents in the form that every known peer reads: one line, no white space between elements (some parsers
/// refuse it inside `<data>` and `<struct>`), UTF-8, struct members sorted by the bytes of their names, so that equal
/// values give equal bytes.
struct DocumentWriter {
    private(set) var bytes: [UInt8] = []
    private let depthMax: Int
    /// Arrays and structs that are written half way; a stack of its own, so that no nesting becomes a nesting of calls.
    private var open: [Container] = []

    private enum Container {
        case array(ArraySlice<XMLRPCValue>)
        /// Members to come, and whether one before them is still to be closed.
        case structure(ArraySlice<Member>, memberIsOpen: Bool)
    }

    private typealias Member = (name: String, value: XMLRPCValue)

    init(depthMax: Int) {
        self.depthMax = depthMax
        bytes.reserveCapacity(512)
        markup("<?xml version=\"1.0\" encoding=\"UTF-8\"?>")
    }

    mutating func write(_ call: MethodCall) throws(XMLRPCFault) {
        guard isMethodName(call.methodName.utf8) else {
            throw .unencodable("a method name is not one or more of A-Z a-z 0-9 _ . : /")
        }
        markup("<methodCall><methodName>")
        bytes.append(contentsOf: call.methodName.utf8)
        markup("</methodName><params>")
        for parameter in call.parameters {
            markup("<param>")
            try write(parameter)
            markup("</param>")
        }
        markup("</params></methodCall>")
    }

    mutating func write(_ response: MethodResponse) throws(XMLRPCFault) {
        switch response {
        case .value(let value):
            markup("<methodResponse><params><param>")
            try write(value)
            markup("</param></params></methodResponse>")
        case .fault(let fault):
            write(fault)
        }
    }

    /// Never fails: a fault's message holds nothing that XML can't carry.
    mutating func write(_ fault: XMLRPCFault) {
        markup("<methodResponse><fault><value><struct><member><name>faultCode</name>")
        markup("<value><int>", fault.code.description.utf8, "</int></value>")
        markup("</member><member><name>faultString</name><value><string>")
        var message = fault.message
        let isRepresentable = message.withUTF8 { appendEscaped($0, to: &bytes) }
        precondition(isRepresentable, "a fault's message is cleaned when the fault is made")
        markup("</string></value></member></struct></value></fault></methodResponse>")
    }

    // MARK: Values

    private mutating func write(_ value: XMLRPCValue) throws(XMLRPCFault) {
        try begin(value)
        while let container = open.popLast() {
            switch container {
            case .array(let items): try proceed(items)
            case .structure(let members, let memberIsOpen): try proceed(members, memberIsOpen: memberIsOpen)
            }
        }
    }

    private mutating func proceed(_ items: ArraySlice<XMLRPCValue>) throws(XMLRPCFault) {
        guard let item = items.first else { return markup("</data></array></value>") }
        open.append(.array(items.dropFirst()))
        try begin(item)
    }

    private mutating func proceed(_ members: ArraySlice<Member>, memberIsOpen: Bool) throws(XMLRPCFault) {
        if memberIsOpen { markup("</member>") }
        guard let member = members.first else { return markup("</struct></value>") }
        open.append(.structure(members.dropFirst(), memberIsOpen: true))
        markup("<member><name>")
        try escape(member.name)
        markup("</name>")
        try begin(member.value)
    }

    /// Writes a whole scalar, or the beginning of a container.
    private mutating func begin(_ value: XMLRPCValue) throws(XMLRPCFault) {
        guard open.count < depthMax else {
            throw .unencodable("values are nested deeper than the limit of \(depthMax)")
        }
        switch value {
        case .array(let items):
            markup("<value><array><data>")
            open.append(.array(items[...]))
        case .structure(let members):
            markup("<value><struct>")
            let sorted = members.map { (name: $0.key, value: $0.value) }
                .sorted { isBefore($0.name, $1.name) }
            open.append(.structure(sorted[...], memberIsOpen: false))
        default:
            try writeScalar(value)
        }
    }

    private mutating func writeScalar(_ value: XMLRPCValue) throws(XMLRPCFault) {
        switch value {
        case .int(let number): markup("<value><int>", number.description.utf8, "</int></value>")
        case .int64(let number): markup("<value><i8>", number.description.utf8, "</i8></value>")
        case .boolean(let flag):
            markup(flag ? "<value><boolean>1</boolean></value>" : "<value><boolean>0</boolean></value>")
        case .string(let text):
            markup("<value><string>")
            try escape(text)
            markup("</string></value>")
        case .double(let number):
            guard number.isFinite else { throw .unencodable("a double is not finite") }
            markup("<value><double>", decimalText(of: number), "</double></value>")
        case .dateTime(let text):
            guard isDateTime(Array(text.utf8)) else {
                throw .unencodable("a dateTime.iso8601 is not an existing date and time such as 19980717T14:08:55")
            }
            markup("<value><dateTime.iso8601>", text.utf8, "</dateTime.iso8601></value>")
        case .base64(let blob):
            markup("<value><base64>")
            Base64.append(blob, to: &bytes)
            markup("</base64></value>")
        case .nil: markup("<value><nil/></value>")
        case .array, .structure: preconditionFailure("containers are written member by member")
        }
    }

    // MARK: Bytes

    private mutating func markup(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func markup(_ start: StaticString, _ content: some Collection<UInt8>, _ end: StaticString) {
        markup(start)
        bytes.append(contentsOf: content)
        markup(end)
    }

    private mutating func escape(_ text: String) throws(XMLRPCFault) {
        var text = text
        let isRepresentable = text.withUTF8 { appendEscaped($0, to: &bytes) }
        guard isRepresentable else {
            throw .unencodable("a string holds a character that XML can't carry; send it as base64")
        }
    }
}

/// Whether one name's bytes come before another's.
private func isBefore(_ left: String, _ right: String) -> Bool {
    // Views of strings are slow to walk, their memory is not.
    let answer = left.utf8.withContiguousStorageIfAvailable { left in
        right.utf8.withContiguousStorageIfAvailable { right in left.lexicographicallyPrecedes(right) }
    }
    return answer.flatMap { $0 } ?? left.utf8.lexicographicallyPrecedes(right.utf8)
}

extension XMLRPCFault {
    /// -32603: a value that has no place in a document.
    fileprivate static func unencodable(_ message: String) -> XMLRPCFault {
        XMLRPCFault(code: internalError, message: "not encodable: \(message)")
    }
}
