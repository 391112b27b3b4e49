package import JSON
import LocalMachine
package import Model

extension UserCounters {
    /// An object of groups, each an object of its counters; names that are not UTF-8 as people see them.
    package var json: JSONText {
        var groups: [(String, [(String, JSONText)])] = []
        var group: [UInt8]?
        for counter in counts {
            if counter.name.group != group { groups.append((DisplayName.of(counter.name.group), [])) }
            group = counter.name.group
            groups[groups.count - 1].1.append((DisplayName.of(counter.name.name), .integer(counter.value)))
        }
        return .object(groups.map { ($0.0, .object($0.1)) })
    }
}
