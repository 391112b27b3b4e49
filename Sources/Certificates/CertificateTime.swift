import Glibc
import SwiftASN1

/// A date as certificates write it: with two digits of the year until 2049, with four from then on (RFC 5280, section 4.1.2.5).
enum CertificateTime: Sendable {
    case short(UTCTime)
    case long(GeneralizedTime)

    /// - Parameter seconds: Since 1970; from 1970 to 9999.
    init(_ seconds: Int64) throws {
        var (time, parts) = (time_t(seconds), tm())
        guard gmtime_r(&time, &parts) != nil else {
            throw CertificateError.badValidity(reason: "\(seconds) is no date")
        }
        let year = Int(parts.tm_year) + 1_900
        guard (1_970...9_999).contains(year) else {
            throw CertificateError.badValidity(reason: "the year \(year) is not between 1970 and 9999")
        }
        let (month, day) = (Int(parts.tm_mon) + 1, Int(parts.tm_mday))
        let (hours, minutes, seconds) = (Int(parts.tm_hour), Int(parts.tm_min), Int(parts.tm_sec))
        if year < 2_050 {
            self = .short(
                try UTCTime(year: year, month: month, day: day, hours: hours, minutes: minutes, seconds: seconds))
        } else {
            self = .long(
                try GeneralizedTime(
                    year: year, month: month, day: day, hours: hours, minutes: minutes, seconds: seconds,
                    fractionalSeconds: 0))
        }
    }

    func serialize(into coder: inout DER.Serializer) throws {
        switch self {
        case .short(let time): try coder.serialize(time)
        case .long(let time): try coder.serialize(time)
        }
    }
}
