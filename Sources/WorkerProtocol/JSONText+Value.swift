package import JSON
package import XMLRPC

extension JSONText {
    /// What a method answered, for programs that read JSON: members by name, counts that travelled as doubles as the
    /// whole numbers that they are, base64 as its text.
    package init(_ value: XMLRPCValue) {
        switch value {
        case .int(let number): self = .integer(Int64(number))
        case .int64(let number): self = .integer(number)
        case .boolean(let flag): self = .boolean(flag)
        case .string(let text), .dateTime(let text): self = .string(text)
        case .double(let number):
            let whole = number.magnitude <= 9_007_199_254_740_992 ? Int64(exactly: number) : nil
            self = whole.map { .integer($0) } ?? .number(number)
        case .base64(let bytes):
            var text: [UInt8] = []
            Base64.append(bytes, to: &text)
            self = .string(String(decoding: text, as: UTF8.self))
        case .nil: self = .null
        case .array(let items): self = .array(items.map(JSONText.init))
        case .structure(let members):
            self = .object(members.sorted { $0.key < $1.key }.map { ($0.key, JSONText($0.value)) })
        }
    }
}
