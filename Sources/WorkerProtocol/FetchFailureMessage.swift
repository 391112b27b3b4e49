import Model
import XMLRPC

/// How a `fetch_failed` report names map outputs: three lists, of which two are left out where they are empty.
enum FetchFailureMessage {
    private static let listByteCountMax = 16 << 20

    static func members(of failure: FetchFailure) -> [String: XMLRPCValue] {
        var members: [String: XMLRPCValue] = [
            "lost": .string(MapOutputNames.text(of: failure.lost)), "reason": .string(failure.reason),
        ]
        for (name, outputs) in [("damaged", failure.damaged), ("unreachable", failure.unreachable)] {
            if !outputs.isEmpty { members[name] = .string(MapOutputNames.text(of: outputs)) }
        }
        return members
    }

    static func failure(from fields: Fields, reason: String) throws(XMLRPCFault) -> FetchFailure {
        FetchFailure(
            lost: try outputs("lost", of: fields),
            damaged: fields.has("damaged") ? try outputs("damaged", of: fields) : [],
            unreachable: fields.has("unreachable") ? try outputs("unreachable", of: fields) : [], reason: reason)
    }

    private static func outputs(_ name: String, of fields: Fields) throws(XMLRPCFault) -> [MapOutputID] {
        try MapOutputNames.outputs(in: fields.string(name, byteCountMax: listByteCountMax))
    }
}
