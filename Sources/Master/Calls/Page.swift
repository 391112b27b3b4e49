import WorkerProtocol
import XMLRPC

/// Which of many a caller wants to see: `offset` to pass over, and then `count`.
struct Page {
    private let offset: Int
    private let count: Int

    init(_ fields: Fields, countMax: Int) throws(XMLRPCFault) {
        offset = fields.has("offset") ? try fields.int("offset", in: 0...Int(Int32.max)) : 0
        count = fields.has("count") ? try fields.int("count", in: 1...countMax) : countMax
    }

    /// Those, under that name, with how many there are in all.
    func value<Item>(of all: [Item], named name: String, _ value: (Item) -> XMLRPCValue) -> XMLRPCValue {
        .structure([
            "total": .int(Int32(clamping: all.count)),
            name: .array(all.dropFirst(offset).prefix(count).map(value)),
        ])
    }
}
