import JSON
import XMLRPC

/// How a whole document stands in JSON: a response as its value, a call as `{"methodName": ..., "params": [...]}`, a
/// response with a fault as `{"fault": ...}`.
struct MessageForm {
    let values: ValueForm

    func json(of message: XMLRPCMessage) -> JSONText {
        switch message {
        case .response(.value(let value)): values.json(of: value)
        case .response(.fault(let fault)): .object([("fault", json(of: fault))])
        case .call(let call):
            .object([
                ("methodName", .string(call.methodName)), ("params", .array(call.parameters.map(values.json))),
            ])
        }
    }

    private func json(of fault: XMLRPCFault) -> JSONText {
        switch values {
        case .plain:
            .object([("faultCode", .integer(Int64(fault.code))), ("faultString", .string(fault.message))])
        case .tagged: .array([.integer(Int64(fault.code)), .string(fault.message)])
        }
    }

    /// - Throws: -32600 for JSON that stands for no document.
    func message(of json: JSONText) throws(XMLRPCFault) -> XMLRPCMessage {
        if case .object(let members) = json {
            let named = Dictionary(members) { first, _ in first }
            if named.count == 2, let name = named["methodName"], let items = named["params"] {
                guard case .string(let name) = name, case .array(let items) = items else {
                    throw .badForm("a call is {\"methodName\": a string, \"params\": an array}")
                }
                var parameters: [XMLRPCValue] = []
                for item in items { parameters.append(try values.value(of: item)) }
                return .call(MethodCall(methodName: name, parameters: parameters))
            }
            if named.count == 1, let fault = named["fault"] { return .response(.fault(try self.fault(of: fault))) }
            // The form of a verdict on a document, which has its value beside other possibilities.
            if values == .tagged, named.count == 1, let value = named["v"] {
                return .response(.value(try values.value(of: value)))
            }
        }
        return .response(.value(try values.value(of: json)))
    }

    private func fault(of json: JSONText) throws(XMLRPCFault) -> XMLRPCFault {
        let parts: (JSONText?, JSONText?)
        switch json {
        case .array(let items) where items.count == 2: parts = (items[0], items[1])
        case .object(let members) where members.count == 2:
            let named = Dictionary(members) { first, _ in first }
            parts = (named["faultCode"], named["faultString"])
        default: parts = (nil, nil)
        }
        guard case .integer(let code)? = parts.0, let code = Int32(exactly: code), case .string(let message)? = parts.1
        else { throw .badForm("a fault is neither {\"faultCode\": ..., \"faultString\": ...} nor an array of the two") }
        return XMLRPCFault(code: Int(code), message: message)
    }

    /// What stands in the place of a document that is none.
    static func json(refusing fault: XMLRPCFault) -> JSONText { .object([("err", .integer(Int64(fault.code)))]) }
}
