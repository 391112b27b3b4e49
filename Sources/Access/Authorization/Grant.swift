package import Model

/// What one secret gives.
package struct Grant: Hashable, Sendable {
    package let role: Role
    /// The worker that the secret was made for, and nobody else; nil for a secret that people have.
    package let worker: WorkerID?
    /// The number of the launched worker that the secret was made for: it may join, and sends and receives messages under that
    /// number; nil for any other.
    package let launched: Int?

    package init(role: Role, worker: WorkerID? = nil) {
        self.role = role
        self.worker = worker
        launched = nil
    }

    /// - Parameter launched: The number of a launched worker, 1 or more.
    package init(launched: Int) {
        role = .worker
        worker = nil
        self.launched = launched
    }

    /// Reads what ``text`` gave. "" is everything: where nobody is asked for a secret, everybody may do everything.
    package init?(_ text: String) {
        if text.isEmpty {
            self.init(role: .admin)
            return
        }
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        if parts.count == 3, parts[0] == "worker", parts[1] == "launched" {
            guard let number = Int(parts[2]), number > 0 else { return nil }
            self.init(launched: number)
            return
        }
        guard let role = Role(rawValue: String(parts[0])), parts.count <= 2 else { return nil }
        if parts.count == 1 {
            self.init(role: role)
        } else {
            guard let number = Int(parts[1]), number > 0 else { return nil }
            self.init(role: role, worker: WorkerID(number: number))
        }
    }

    /// For a server's calls and requests, which carry it as one text.
    package var text: String {
        if let launched { return "\(role.rawValue) launched \(launched)" }
        return worker.map { "\(role.rawValue) \($0.number)" } ?? role.rawValue
    }

    /// Whether it may speak for that worker: its own session, or an admin's.
    package func speaks(for number: WorkerID) -> Bool { role == .admin || (role == .worker && worker == number) }
}
