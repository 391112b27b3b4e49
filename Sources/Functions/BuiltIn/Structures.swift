import XMLRPC

extension BuiltInFunctions {
    static let structures = [
        BuiltInFunction("keys(struct)", "The names of a struct's members, sorted: XML-RPC knows no other order") {
            .array(names(try $0["struct"].structure()).map(XMLRPCValue.string))
        },
        BuiltInFunction("values(struct)", "The values of a struct's members, in the order of keys") {
            let members = try $0["struct"].structure()
            return .array(names(members).compactMap { members[$0] })
        },
        BuiltInFunction("merge(struct, *more)", "One struct of several; of members with one name the last stays") {
            call in
            var members = try call["struct"].structure()
            for other in call.more { members.merge(try other.structure()) { $1 } }
            return .structure(members)
        },
    ]

    private static func names(_ members: [String: XMLRPCValue]) -> [String] {
        members.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
