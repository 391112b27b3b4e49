import XMLRPC

extension Method {
    /// The examples of the specification's time.
    static let examples: [Method] = [
        Method(
            name: "examples.getStateName", signatures: [[.string, .int]],
            help: "Takes a number from 1 to 50; returns the name of that state of the USA, in alphabetical order."
        ) { parameters, _ in .string(try stateName(parameters[0])) },
        Method(
            name: "examples.getStateNames", signatures: [[.string, .int, .int, .int, .int]],
            help: "Takes four numbers of states; returns their names, one a line."
        ) { parameters, _ in .string(try parameters.map(stateName).joined(separator: "\n")) },
        Method(
            name: "examples.getStateList", signatures: [[.string, .array]],
            help: "Takes an array of numbers of states; returns their names with commas between them."
        ) { parameters, _ in .string(try (parameters[0].asArray ?? []).map(stateName).joined(separator: ",")) },
        Method(
            name: "examples.getStateStruct", signatures: [[.string, .structure]],
            help: """
                Takes a struct of numbers of states; returns their names with commas between them, in the order of the \
                members' names.
                """
        ) { parameters, _ in
            let members = (parameters[0].asStructure ?? [:]).sorted { $0.key < $1.key }
            return .string(try members.map { try stateName($0.value) }.joined(separator: ","))
        },
        Method(name: "examples.echoParams", signatures: [], help: "Returns an array of its parameters.") {
            parameters, _ in .array(parameters)
        },
    ]

    private static func stateName(_ number: XMLRPCValue) throws(XMLRPCFault) -> String {
        guard case .int(let number) = number, states.indices.contains(Int(number) - 1) else {
            throw .unfit("a state has an int from 1 to \(states.count)")
        }
        return states[Int(number) - 1]
    }

    private static let states = [
        "Alabama", "Alaska", "Arizona", "Arkansas", "California", "Colorado", "Connecticut", "Delaware", "Florida",
        "Georgia", "Hawaii", "Idaho", "Illinois", "Indiana", "Iowa", "Kansas", "Kentucky", "Louisiana", "Maine",
        "Maryland", "Massachusetts", "Michigan", "Minnesota", "Mississippi", "Missouri", "Montana", "Nebraska",
        "Nevada", "New Hampshire", "New Jersey", "New Mexico", "New York", "North Carolina", "North Dakota", "Ohio",
        "Oklahoma", "Oregon", "Pennsylvania", "Rhode Island", "South Carolina", "South Dakota", "Tennessee", "Texas",
        "Utah", "Vermont", "Virginia", "Washington", "West Virginia", "Wisconsin", "Wyoming",
    ]
}
