import Model
import XMLRPC

/// The struct of word -> count that `complete_task` brings.
enum InlineCounts {
    static func counts(from value: XMLRPCValue) throws(XMLRPCFault) -> [KeyCount] {
        guard case .structure(let members) = value else {
            throw CallFault.invalid("the third parameter must be a struct of word -> count")
        }
        var counts: [KeyCount] = []
        counts.reserveCapacity(members.count)
        for (word, value) in members {
            let key = Array(word.utf8)
            guard !key.isEmpty, !key.contains(where: isWhiteSpace) else {
                throw CallFault.invalid("a word may not be empty or hold white space")
            }
            counts.append(KeyCount(key: key, count: try count(value)))
        }
        return counts
    }

    /// Refuses more words than the text had bytes.
    static func check(_ counts: [KeyCount], fit byteCount: Int64?) throws(XMLRPCFault) {
        guard let byteCount else { return }
        var left = byteCount
        for count in counts {
            guard count.count <= left else { throw CallFault.invalid("there are more words than the text has bytes") }
            left -= count.count
        }
    }

    private static func count(_ value: XMLRPCValue) throws(XMLRPCFault) -> Int64 {
        switch value {
        case .int(let count) where count >= 1: return Int64(count)
        case .int64(let count) where count >= 1: return count
        default: throw CallFault.invalid("a count must be an int, 1 or more")
        }
    }

    private static func isWhiteSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
}
