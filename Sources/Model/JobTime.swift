/// A moment on the master's monotonic clock, as the time since the master started.
///
/// It never leaves the master: the wire carries remaining durations, because two machines' clocks are never compared.
package struct JobTime: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let sinceStart: Duration

    package init(sinceStart: Duration) { self.sinceStart = sinceStart }

    package static let zero = JobTime(sinceStart: .zero)

    package static func < (left: JobTime, right: JobTime) -> Bool { left.sinceStart < right.sinceStart }
    package static func + (time: JobTime, duration: Duration) -> JobTime {
        JobTime(sinceStart: time.sinceStart + duration)
    }
    package static func - (later: JobTime, earlier: JobTime) -> Duration { later.sinceStart - earlier.sinceStart }
    package var description: String { "t+\(TimeText.of(sinceStart))" }
}
