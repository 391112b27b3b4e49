package import XMLRPC

/// The methods that `mr-ctl serve-validator` serves.
package enum Validator {
    package static let methods = Method.validator1 + Method.examples + Method.trials
}

extension XMLRPCFault {
    /// -32602: a parameter has the right type, but not what the method needs in it.
    static func unfit(_ message: String) -> XMLRPCFault {
        XMLRPCFault(code: invalidParameters, message: message)
    }
}

/// - Throws: -32602 for a sum or product that an int can't hold.
func fittingInt(_ number: Int) throws(XMLRPCFault) -> XMLRPCValue {
    guard let number = Int32(exactly: number) else { throw .unfit("the result does not fit an int of 32 bits") }
    return .int(number)
}
