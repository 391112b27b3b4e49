package import LocalMachine

/// Where a center or a data worker may listen.
package enum DataPlace {
    /// - Parameters:
    ///   - shown: The text as people may see it.
    ///   - isOpen: Its user has said in so many words that everybody may come, and read along.
    package static func checked(
        _ text: String, shown: String, of option: String, isOpen: Bool
    ) throws(DataPlaceError) -> HostPort {
        guard let place = HostPort(text, defaultHost: "127.0.0.1") else {
            throw DataPlaceError("\(option) '\(shown)' is not HOST:PORT; write it like 127.0.0.1:8787")
        }
        guard Loopback.contains(place.host) || isOpen else {
            throw DataPlaceError(
                "\(option) '\(shown)' is an address that others reach, and data workers speak plain HTTP: whoever is on the way reads the secret and all data; name 127.0.0.1 or ::1, or say --no-auth --plain-http"
            )
        }
        return place
    }
}

/// A place where nobody may listen like that.
package struct DataPlaceError: Error, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}
