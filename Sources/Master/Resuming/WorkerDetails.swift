import WorkerProtocol

/// What the master wants to know of a worker when it has started again.
struct WorkerDetails: Hashable, Sendable {
    let place: WorkerPlace
    /// It was started by the master, and ends with it.
    let isLocal: Bool

    init(place: WorkerPlace, isLocal: Bool) {
        self.place = place
        self.isLocal = isLocal
    }

    /// Four texts without NUL, each with one at its end, and the path of the scratch folder.
    var bytes: [UInt8] {
        let texts = [isLocal ? "local" : "remote", place.host, place.address, place.pin]
        return texts.flatMap { Array($0.utf8.filter { $0 != 0 }) + [0] } + place.scratch
    }

    /// nil for anything that ``bytes`` would not have given.
    init?(_ bytes: [UInt8]) {
        let parts = bytes.split(separator: 0, maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 5, let kind = String(validating: parts[0], as: UTF8.self),
            let host = String(validating: parts[1], as: UTF8.self),
            let address = String(validating: parts[2], as: UTF8.self),
            let pin = String(validating: parts[3], as: UTF8.self), kind == "local" || kind == "remote"
        else { return nil }
        self.init(
            place: WorkerPlace(host: host, scratch: Array(parts[4]), address: address, pin: pin),
            isLocal: kind == "local")
    }
}
