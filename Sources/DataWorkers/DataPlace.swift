package import LocalMachine

/// Where a center or a data worker listens, and how.
package struct DataPlace: Hashable, Sendable {
    package let listen: HostPort
    /// Everywhere but on a loopback address, unless its user has said in so many words that everybody may come, and read along.
    package let encrypts: Bool

    /// - Parameters:
    ///   - shown: The text as people may see it.
    ///   - option: That the text was given to, for errors.
    package init(
        _ text: String, shown: String, of option: String, noAuth: Bool, plainHTTP: Bool
    ) throws(DataPlaceError) {
        guard let place = HostPort(text, defaultHost: "0.0.0.0") else {
            throw DataPlaceError("\(option) '\(shown)' is not HOST:PORT; write it like 127.0.0.1:8787")
        }
        listen = place
        guard !Loopback.contains(place.host) else {
            encrypts = false
            return
        }
        switch (noAuth, plainHTTP) {
        case (true, true): encrypts = false
        case (false, false): encrypts = true
        case (true, false):
            throw DataPlaceError(
                "--no-auth alone would let every machine in that reaches '\(shown)'; if that is what you want, add --plain-http"
            )
        case (false, true):
            throw DataPlaceError(
                "--plain-http would send the secret readable to '\(shown)'; if the network is safe, add --no-auth, else leave --plain-http out for TLS"
            )
        }
    }
}

/// A place where nobody may listen like that.
package struct DataPlaceError: Error, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
