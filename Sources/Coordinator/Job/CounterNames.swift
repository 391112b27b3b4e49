import Model

/// Under which names a job's application counts: those that came first, so that no job can fill the memory with names.
struct CounterNames: Equatable, Sendable {
    /// At most ``UserCounters/countMax``.
    var names: Set<CounterName> = []
    /// Whether others came after these.
    var isCut = false

    /// What counts of what an attempt reports; the rest is dropped before it is in any sum, so that it leaves none either.
    mutating func admit(_ reported: UserCounters) -> UserCounters {
        guard !reported.isEmpty else { return reported }
        isCut = isCut || reported.isCut
        var admitted: [UserCounter] = []
        for counter in reported.counts {
            // The name that is known takes the place of an equal one: however many tasks there are, it is in memory once.
            if let known = names.firstIndex(of: counter.name) {
                admitted.append(UserCounter(name: names[known], value: counter.value))
            } else if names.count < UserCounters.countMax {
                names.insert(counter.name)
                admitted.append(counter)
            } else {
                isCut = true
            }
        }
        return UserCounters(admitted)
    }
}

extension JobRecord {
    /// What an attempt reports, with those of its application's counters that the job has room for.
    mutating func admitted(_ reported: AttemptResult) -> AttemptResult {
        guard !reported.userCounters.isEmpty else { return reported }
        var result = reported
        result.userCounters = counterNames.admit(reported.userCounters)
        return result
    }

    /// Sums over the attempts that count, each once.
    var userCounters: UserCounters {
        guard !counterNames.names.isEmpty || counterNames.isCut else { return UserCounters() }
        var sums = maps.userCounters
        sums.add(reduces.userCounters)
        return UserCounters(sums.shown, isCut: counterNames.isCut)
    }
}
