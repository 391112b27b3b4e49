import Center
import KeyPins
import Synchronization

/// The key that a worker shows. Two are equal when they are known by the same pin.
struct PeerKey: Hashable {
    let pin: KeyPin
    /// In PEM, as the worker has told it: for clients that know nothing of pins.
    let certificate: String

    static let certificateByteCountMax = 4_096

    /// - Throws: What is wrong with a certificate.
    init(certificate: String) throws {
        pin = try KeyPin(certificate: Array(certificate.utf8))
        self.certificate = certificate
    }

    static func == (left: PeerKey, right: PeerKey) -> Bool { left.pin == right.pin }

    func hash(into hasher: inout Hasher) { hasher.combine(pin) }
}

/// What workers are known by, by their addresses: at a center what they have told, at a worker what the center has said.
final class PeerKeys: Sendable {
    /// A worker that speaks plain HTTP has none.
    enum Standing: Hashable {
        case key(PeerKey)
        case plain
    }

    private struct Entry {
        var standing: Standing
        var number: Int
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var lastNumber = 0
    }

    private let state = Mutex(State())

    /// Beyond it those go that came first; whoever is asked for them says that nobody is there.
    private static let countMax = 2 * CenterTable.workerCountMax

    subscript(address: String) -> Standing? { state.withLock { $0.entries[address]?.standing } }

    /// - Returns: Whether it had another.
    func note(_ address: String, _ standing: Standing) -> Bool {
        state.withLock { state in
            state.lastNumber += 1
            let entry = Entry(standing: standing, number: state.lastNumber)
            let old = state.entries.updateValue(entry, forKey: address)
            if state.entries.count > Self.countMax,
                let first = state.entries.min(by: { $0.value.number < $1.value.number })
            {
                state.entries[first.key] = nil
            }
            return old.map { $0.standing != standing } ?? false
        }
    }

    func forget(_ address: String) { state.withLock { $0.entries[address] = nil } }
}
