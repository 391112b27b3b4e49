import XMLRPC

extension BuiltInFunctions {
    static let summaries = [
        BuiltInFunction("sum(values)", "The sum of an array of numbers; 0 of none. Doubles are added from the left") {
            try $0.result(total($0["values"]))
        },
        BuiltInFunction("mean(values)", "The sum of an array of numbers divided by their count, a double always") {
            call in
            let count = try call["values"].array().count
            guard count > 0 else { throw call.undefined("no values have no mean") }
            switch try total(call["values"]) {
            case .integer(let sum): return .double(quotient(sum, Int128(count)))
            case .double(let sum): return try call.result(sum / Double(count))
            }
        },
        BuiltInFunction("len(value)", "How many items, members, bytes of a base64 or characters of a string there are")
        {
            switch $0["value"].value {
            case .array(let items): .integer(Int64(items.count))
            case .structure(let members): .integer(Int64(members.count))
            case .string(let text): .integer(Int64(text.unicodeScalars.count))
            case .base64(let bytes): .integer(Int64(bytes.count))
            default: throw $0["value"].wrong("an array, a struct, a string or a base64")
            }
        },
    ]

    private static func total(_ values: Argument) throws -> ExactSum {
        var sum = ExactSum.zero
        for (index, value) in try values.array().enumerated() {
            guard let number = Number(value) else { throw values.item(index, value).wrong("a number") }
            sum.add(number)
        }
        return sum
    }
}
