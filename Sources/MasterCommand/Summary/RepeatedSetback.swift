/// What befell a task, perhaps again and again, out of the entries of its history:
/// `attempt 2 on worker a: failed: no luck (1.5 s)`.
struct RepeatedSetback: Hashable {
    /// What came after attempt and worker, and before the time.
    let reason: String
    private(set) var count = 1
    /// Attempt and worker of the last time.
    private(set) var last: String?

    /// Each different one once, in the order in which they came first.
    static func all(in history: [String]) -> [RepeatedSetback] {
        var setbacks: [RepeatedSetback] = []
        for entry in history {
            let next = RepeatedSetback(entry)
            if let known = setbacks.firstIndex(where: { $0.reason == next.reason }) {
                setbacks[known].count += 1
                setbacks[known].last = next.last
            } else {
                setbacks.append(next)
            }
        }
        return setbacks
    }

    /// Entries of another form are taken as they are.
    private init(_ entry: String) {
        guard let colon = entry.firstRange(of: ": "), entry.hasSuffix(")"),
            let time = entry.lastRange(of: " (", after: colon.upperBound)
        else {
            reason = entry
            last = nil
            return
        }
        reason = String(entry[colon.upperBound..<time.lowerBound])
        last = String(entry[..<colon.lowerBound])
    }

    /// The reason as the error of the job has it.
    var error: String { reason.hasPrefix("failed: ") ? String(reason.dropFirst("failed: ".count)) : reason }

    /// Begins its line.
    var heading: String {
        guard let last else { return count == 1 ? "" : "\(count) times: " }
        return count == 1 ? "\(last): " : "\(count) times, the last in \(last): "
    }
}

extension String {
    fileprivate func lastRange(of text: String, after start: Index) -> Range<Index>? {
        self[start...].ranges(of: text).last
    }
}
