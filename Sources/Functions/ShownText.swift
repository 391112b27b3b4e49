import LocalMachine
import XMLRPC

/// What errors say of values and names that came from outside.
enum ShownText {
    private static let nameByteCountMax = 100

    static func name(_ name: String) -> String {
        let bytes = Array(name.utf8)
        let cut = DisplayName.of(Array(bytes.prefix(nameByteCountMax)))
        return bytes.count > nameByteCountMax ? cut + " ..." : cut
    }

    /// Type and size, and never what is in a text: it may be a secret.
    static func value(_ value: XMLRPCValue) -> String {
        switch value {
        case .int(let number): "int \(number)"
        case .int64(let number): "i8 \(number)"
        case .boolean(let flag): "boolean \(flag)"
        case .double(let number): "double \(number)"
        case .string(let text): "a string of \(count(text.utf8.count, "byte"))"
        case .dateTime: "a dateTime.iso8601"
        case .base64(let bytes): "a base64 of \(count(bytes.count, "byte"))"
        case .nil: "nil"
        case .array(let items): "an array of \(count(items.count, "item"))"
        case .structure(let members): "a struct of \(count(members.count, "member"))"
        }
    }

    static func type(_ value: XMLRPCValue) -> String {
        switch value {
        case .int, .int64: "an integer"
        case .boolean: "a boolean"
        case .double: "a double"
        case .string: "a string"
        case .dateTime: "a dateTime.iso8601"
        case .base64: "a base64"
        case .nil: "nil"
        case .array: "an array"
        case .structure: "a struct"
        }
    }

    private static func count(_ number: Int, _ what: String) -> String { "\(number) \(what)\(number == 1 ? "" : "s")" }
}
