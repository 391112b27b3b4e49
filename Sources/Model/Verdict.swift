/// The master's answer to one report.
package enum Verdict: String, Hashable, Sendable {
    case accepted
    /// Another attempt counts, or the lease had run out; drop the files.
    case stale
}
