import XMLRPC

extension Method {
    /// The suite of the XML-RPC validation site of 1999, under the names that it had there.
    static let validator1: [Method] = [
        arrayOfStructsTest, countTheEntities, easyStructTest, echoStructTest, manyTypesTest, moderateSizeArrayCheck,
        nestedStructTest, simpleStructReturnTest,
    ]

    private static let arrayOfStructsTest = Method(
        name: "validator1.arrayOfStructsTest", signatures: [[.int, .array]],
        help: "Takes an array of structs with members moe, larry and curly, all ints; returns the sum of every curly."
    ) { parameters, _ in
        try fittingInt(
            try (parameters[0].asArray ?? []).reduce(0) { sum, item in sum + (try whole("curly", in: item)) })
    }

    private static let countTheEntities = Method(
        name: "validator1.countTheEntities", signatures: [[.structure, .string]],
        help: """
            Takes a string; returns a struct with how many of <, >, &, ' and \" it has: ctLeftAngleBrackets, \
            ctRightAngleBrackets, ctAmpersands, ctApostrophes and ctQuotes.
            """
    ) { parameters, _ in
        let text = (parameters[0].asString ?? "").utf8
        func count(_ character: Unicode.Scalar) -> XMLRPCValue {
            .int(Int32(clamping: text.count { $0 == UInt8(ascii: character) }))
        }
        return [
            "ctLeftAngleBrackets": count("<"), "ctRightAngleBrackets": count(">"), "ctAmpersands": count("&"),
            "ctApostrophes": count("'"), "ctQuotes": count("\""),
        ]
    }

    private static let easyStructTest = Method(
        name: "validator1.easyStructTest", signatures: [[.int, .structure]],
        help: "Takes a struct with members moe, larry and curly, all ints; returns their sum."
    ) { parameters, _ in try fittingInt(sumOfStooges(parameters[0])) }

    private static let echoStructTest = Method(
        name: "validator1.echoStructTest", signatures: [[.structure, .structure]],
        help: "Takes a struct and returns it."
    ) { parameters, _ in parameters[0] }

    private static let manyTypesTest = Method(
        name: "validator1.manyTypesTest",
        signatures: [[.array, .int, .boolean, .string, .double, .dateTime, .base64]],
        help: "Takes one parameter of each of six types; returns an array of them."
    ) { parameters, _ in .array(parameters) }

    private static let moderateSizeArrayCheck = Method(
        name: "validator1.moderateSizeArrayCheck", signatures: [[.string, .array]],
        help: "Takes an array of 100 to 200 strings; returns the first and the last of them joined."
    ) { parameters, _ in
        guard let first = parameters[0].asArray?.first?.asString, let last = parameters[0].asArray?.last?.asString
        else { throw XMLRPCFault.unfit("the array does not begin and end with a string") }
        return .string(first + last)
    }

    private static let nestedStructTest = Method(
        name: "validator1.nestedStructTest", signatures: [[.int, .structure]],
        help: """
            Takes a struct that stands for a calendar: years, with months, with days, each a struct with the members moe, \
            larry and curly; returns their sum of 1 April 2000, which is at 2000, 04, 01.
            """
    ) { parameters, _ in
        guard let day = parameters[0]["2000"]?["04"]?["01"] else {
            throw XMLRPCFault.unfit("the struct has no member 01 in 04 in 2000")
        }
        return try fittingInt(sumOfStooges(day))
    }

    private static let simpleStructReturnTest = Method(
        name: "validator1.simpleStructReturnTest", signatures: [[.structure, .int]],
        help:
            "Takes an int; returns a struct with ten, a hundred and a thousand times it: times10, times100, times1000."
    ) { parameters, _ in
        let number = parameters[0].asInt ?? 0
        return [
            "times10": try fittingInt(number * 10), "times100": try fittingInt(number * 100),
            "times1000": try fittingInt(number * 1000),
        ]
    }

    private static func sumOfStooges(_ value: XMLRPCValue) throws(XMLRPCFault) -> Int {
        try whole("moe", in: value) + whole("larry", in: value) + whole("curly", in: value)
    }

    private static func whole(_ name: String, in value: XMLRPCValue) throws(XMLRPCFault) -> Int {
        guard case .int(let number)? = value[name] else {
            throw .unfit("a struct has no member \(name) that is an int")
        }
        return Int(number)
    }
}
