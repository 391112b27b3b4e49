import XMLRPC

/// Why a secret gives nothing.
package enum GrantRefusal: Error, Hashable, CustomStringConvertible {
    /// In seconds since 1970, as the others.
    case expired(at: Int64)
    case rotated(at: Int64)
    /// The worker that it was made for was sent away.
    case dismissed(at: Int64)
    case unknown

    package var description: String {
        switch self {
        case .expired(let time): "this secret expired at \(Self.text(time)) by the master's clock"
        case .rotated(let time): "this secret was replaced by another at \(Self.text(time))"
        case .dismissed(let time): "this worker was sent away at \(Self.text(time))"
        case .unknown: "this is no secret of this master's"
        }
    }

    /// A moment for people, in UTC.
    ///
    /// - Parameter time: Seconds since 1970.
    package static func text(_ time: Int64) -> String {
        guard let moment = XMLRPCDateTime(secondsSinceEpoch: time) else { return "\(time) s after 1970" }
        func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(moment.year)-\(padded(moment.month))-\(padded(moment.day)) "
            + "\(padded(moment.hour)):\(padded(moment.minute)):\(padded(moment.second)) UTC"
    }
}
