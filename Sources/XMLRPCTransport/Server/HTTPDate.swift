import Glibc
import Synchronization

/// The `Date` header's value, made once per second.
final class HTTPDate: Sendable {
    private let cached = Mutex((second: time_t.min, text: ""))

    func now() -> String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &time)
        return cached.withLock { cached in
            if cached.second != time.tv_sec { cached = (time.tv_sec, HTTPDate.text(of: time.tv_sec)) }
            return cached.text
        }
    }

    /// IMF-fixdate of RFC 9110, section 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT".
    static func text(of second: time_t) -> String {
        var second = second
        var date = tm()
        gmtime_r(&second, &date)
        let day = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][Int(date.tm_wday)]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let clock = [date.tm_hour, date.tm_min, date.tm_sec].map(twoDigits).joined(separator: ":")
        return "\(day), \(twoDigits(date.tm_mday)) \(months[Int(date.tm_mon)]) \(date.tm_year + 1900) \(clock) GMT"
    }

    private static func twoDigits(_ number: CInt) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
