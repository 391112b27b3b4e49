import Joining
import WorkerProtocol
import XMLRPC
import XMLRPCTransport

/// Why a data worker does not get in at its center, for people.
struct CenterTrouble {
    let error: any Error
    let entry: MasterEntry

    private var usesLine: Bool { if case .joinLine = entry { true } else { false } }

    var text: String {
        switch error {
        case TransportError.wrongKey(let address, let expected, let got) where usesLine:
            "the machine at \(address) is not the center that made this join line: its key is \(got), not "
                + "\(expected.joined(separator: " or ")); nothing was sent to it; if the center was set up anew, 'mr-ctl token' there prints the new line"
        case TransportError.unauthorized(let address, let reason) where usesLine:
            "\(address) refused the join line: \(reason); 'mr-ctl token' there prints one that is good"
        case TransportError.unauthorized(let address, let reason):
            "\(address) refused the secret that was found for it\(reason.isEmpty ? "" : " (\(reason))"), or none was found; run this worker as the center's user, with the same $MR_STATE_DIR, $XDG_STATE_HOME and $HOME, or give --center its join line"
        case TransportError.certificateRefused: "\(error); --tls-ca names other authorities"
        case TransportError.speaksTLS(let address):
            "\(address) speaks TLS, and plain HTTP was sent to it; give --center the join line that the center printed, without --no-auth and --plain-http"
        case TransportError.speaksPlainHTTP(let address):
            "\(address) speaks plain HTTP, and nothing was sent to it; a center with --no-auth --plain-http wants workers with both, too, and no join line"
        case is NoMasterYet: "no center of this user has left word that it listens on \(entry.address)"
        default: "\(error)"
        }
    }

    /// Whether waiting makes nothing better. A record may be written anew at any time, a join line is not.
    var isFinal: Bool {
        switch error {
        case TransportError.speaksTLS, TransportError.speaksPlainHTTP: !entry.seesRecord
        case TransportError.unauthorized, TransportError.wrongKey, TransportError.certificateRefused: usesLine
        // Only wrong secrets are answered so, when many have come from this address.
        case TransportError.httpStatus(429, _): usesLine
        // It is said what is wrong with what this worker says of itself.
        case let fault as XMLRPCFault: fault.code == XMLRPCFault.invalidParameters || fault.code == FaultCode.forbidden
        default: false
        }
    }
}

/// A data worker that its center does not let in.
package struct CenterRefusal: Error, Hashable, CustomStringConvertible {
    package let description: String
}
