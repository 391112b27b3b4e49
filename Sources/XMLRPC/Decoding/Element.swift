/// An element of XML-RPC, by its name. Names are case-sensitive; anything else is refused.
enum Element: Equatable {
    case methodCall, methodName, methodResponse, fault, params, param, value
    case structure, member, name, array, data, `nil`
    case scalar(ScalarType)

    /// Apache's namespace for `ex:nil` and `ex:i8`.
    private static let extensions: StaticString = "http://ws.apache.org/xmlrpc/namespaces/extensions"

    /// - Parameters:
    ///   - localName: NUL-terminated.
    ///   - prefix: nil for a name without a colon.
    ///   - namespace: What the prefix is bound to; nil for a prefix that is not bound to anything, in which case `ex`
    ///     counts as Apache's: its peers send it so.
    init?(localName: UnsafePointer<UInt8>, prefix: UnsafePointer<UInt8>?, namespace: UnsafePointer<UInt8>?) {
        guard let element = Self.named(localName) else { return nil }
        if let prefix {
            let isExtension = namespace.map { equals($0, Self.extensions) } ?? equals(prefix, "ex")
            guard isExtension, element == .nil || element == .scalar(.int64) else { return nil }
        }
        self = element
    }

    private static func named(_ name: UnsafePointer<UInt8>) -> Element? {
        func match(_ text: StaticString, _ element: Element) -> Element? { equals(name, text) ? element : nil }
        return switch name[0] {
        case UInt8(ascii: "v"): match("value", .value)
        case UInt8(ascii: "s"): match("string", .scalar(.string)) ?? match("struct", .structure)
        case UInt8(ascii: "n"): match("name", .name) ?? match("nil", .nil)
        case UInt8(ascii: "m"):
            match("member", .member) ?? match("methodName", .methodName) ?? match("methodCall", .methodCall)
                ?? match("methodResponse", .methodResponse)
        case UInt8(ascii: "i"):
            match("int", .scalar(.int)) ?? match("i4", .scalar(.int)) ?? match("i8", .scalar(.int64))
                ?? match("i2", .scalar(.int16)) ?? match("i1", .scalar(.int8))
        case UInt8(ascii: "p"): match("param", .param) ?? match("params", .params)
        case UInt8(ascii: "d"):
            match("data", .data) ?? match("double", .scalar(.double)) ?? match("dateTime.iso8601", .scalar(.dateTime))
        case UInt8(ascii: "b"): match("boolean", .scalar(.boolean)) ?? match("base64", .scalar(.base64))
        case UInt8(ascii: "a"): match("array", .array)
        case UInt8(ascii: "f"): match("fault", .fault)
        default: nil
        }
    }
}

/// Whether a NUL-terminated C string is the given text.
private func equals(_ left: UnsafePointer<UInt8>, _ right: StaticString) -> Bool {
    // A StaticString ends with a NUL of its own, so that the comparison stops at whichever end comes first.
    let right = right.utf8Start
    var index = 0
    while left[index] == right[index] {
        if left[index] == 0 { return true }
        index += 1
    }
    return false
}
