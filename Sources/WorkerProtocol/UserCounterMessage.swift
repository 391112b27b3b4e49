package import Model
package import XMLRPC

/// How what an application counts travels: in a report as arrays of group, name and count, in answers to people as structs.
package enum UserCounterMessage {
    /// Members of a report; none where nothing was counted.
    static func members(of counters: UserCounters) -> [String: XMLRPCValue] {
        var members: [String: XMLRPCValue] = [:]
        if !counters.counts.isEmpty {
            members["user_counters"] = .array(
                counters.counts.map {
                    .array([.base64($0.name.group), .base64($0.name.name), .int64($0.value)])
                })
        }
        if counters.isCut { members["user_counters_cut"] = .boolean(true) }
        return members
    }

    /// Those of one report, which mostly has none.
    static func counters(from report: Fields) throws(XMLRPCFault) -> UserCounters {
        var counts: [UserCounter] = []
        let items =
            report.has("user_counters") ? try report.array("user_counters", countMax: UserCounters.countMax) : []
        for item in items {
            guard case .array(let members) = item, members.count == 3, case .base64(let group) = members[0],
                case .base64(let name) = members[1], case .int64(let value) = members[2],
                group.count <= CounterName.byteCountMax, name.count <= CounterName.byteCountMax
            else {
                throw Fields.fault(
                    "member 'user_counters' of a report must hold arrays of group and name, base64 of at most \(CounterName.byteCountMax) bytes each, and count (i8)"
                )
            }
            counts.append(UserCounter(name: CounterName(group: group, name: name), value: value))
        }
        let isCut = report.has("user_counters_cut") ? try report.boolean("user_counters_cut") : false
        return UserCounters(counts, isCut: isCut)
    }

    /// For people, with group and name as `shown` shows them.
    package static func value(of counters: UserCounters, shown: ([UInt8]) -> String) -> XMLRPCValue {
        .array(
            counters.counts.map {
                [
                    "group": .string(shown($0.name.group)), "name": .string(shown($0.name.name)),
                    "count": .int64($0.value),
                ]
            })
    }
}
