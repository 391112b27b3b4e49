package import XMLRPC

/// A dictionary by keys, as it travels: a struct where every key is text, else an array of pairs, of which Python's `dict()`
/// makes the same.
package enum KeyedValues {
    package typealias Item = (key: ObjectKey, value: XMLRPCValue)

    /// - Throws: ``ObjectKeyError``, also for what is neither.
    package static func decode(_ value: XMLRPCValue) throws(ObjectKeyError) -> [Item] {
        var items: [Item] = []
        switch value {
        case .structure(let members):
            for (name, value) in members { items.append((try ObjectKey(.string(name)), value)) }
            items.sort { $0.key < $1.key }
        case .array(let pairs):
            for pair in pairs {
                guard case .array(let two) = pair, two.count == 2 else { throw .notAKey(type: pair.type) }
                items.append((try ObjectKey(two[0]), two[1]))
            }
        default: throw .notAKey(type: value.type)
        }
        return items
    }

    package static func encode(_ items: [Item]) -> XMLRPCValue {
        var members: [String: XMLRPCValue] = [:]
        for (key, value) in items {
            // Two names that Unicode holds for equal are one name of a struct.
            guard case .string(let name) = key.wireValue, members.updateValue(value, forKey: name) == nil else {
                return .array(items.map { .array([$0.key.wireValue, $0.value]) })
            }
        }
        return .structure(members)
    }

    /// An array of keys.
    package static func keys(_ value: XMLRPCValue) throws(ObjectKeyError) -> [ObjectKey] {
        guard case .array(let values) = value else { throw .notAKey(type: value.type) }
        var keys: [ObjectKey] = []
        for value in values { keys.append(try ObjectKey(value)) }
        return keys
    }
}
