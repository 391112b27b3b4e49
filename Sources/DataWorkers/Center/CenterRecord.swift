package import Access
import Glibc
package import Identities
package import LocalMachine
import Synchronization
package import XMLRPC

/// Who is let in by a center, and what it leaves in its user's state folder for those who look for it.
package final class CenterRecord: Sendable {
    package let access: DataAccess
    /// nil: plain HTTP.
    package let identity: ServerIdentity?
    /// Where it listens.
    package let host: String
    private let directory: StateDirectory
    private let instance = MasterRecord.randomHex()
    /// Known when it listens, which is before anybody asks.
    private let port: Atomic<Int>
    /// With TLS: carried to other machines, and so the same at the next start.
    private let secret: JoinSecret?

    private static let fileByteCountMax = 16 << 20

    /// - Parameter port: 0 where the system chooses: then nobody could come back to it, and its secret is new.
    package init(
        host: String, port: Int, requiresToken: Bool, identity: ServerIdentity?, in directory: StateDirectory
    ) throws(LocalStateError) {
        self.host = host
        self.port = Atomic(port)
        self.identity = identity
        self.directory = directory
        if requiresToken, identity != nil {
            let path = directory.accessPath(host: host, port: port)
            let secret = try port > 0 ? Self.kept(at: path) : nil
            self.secret = secret ?? .random(role: .worker)
            access = DataAccess(token: self.secret?.text)
        } else {
            secret = nil
            access = DataAccess(token: requiresToken ? MasterRecord.randomHex() : nil)
        }
    }

    private static func kept(at path: String) throws(LocalStateError) -> JoinSecret? {
        guard let bytes = try PrivateFile.read(path, byteCountMax: fileByteCountMax) else { return nil }
        guard let book = AccessBook(text: String(decoding: bytes, as: UTF8.self)) else { throw .malformed(path: path) }
        return book.secret(of: .worker, at: Int64(time(nil)))
    }

    /// How people come to let others in.
    package var methods: [Method] { CenterAccessCalls(record: self).methods }

    /// Where others reach it.
    package var address: HostPort {
        let everywhere = OwnAddresses.wildcards.contains(host)
        return HostPort(host: (everywhere ? OwnAddresses.outward : nil) ?? host, port: ownPort)
    }

    private var ownPort: Int { port.load(ordering: .relaxed) }

    /// What workers on other machines join with; nil without TLS.
    package var joinLine: JoinLine? {
        guard let identity, let secret else { return nil }
        return JoinLine(trust: .pin(identity.pin), secret: secret, master: address)
    }

    /// The file with the join line.
    package var joinPath: String { directory.joinPath(host: host, port: ownPort) }

    /// Leaves word of a center that listens.
    package func leave(port listening: Int) throws(LocalStateError) {
        let keeps = port.exchange(listening, ordering: .relaxed) > 0
        try record.write(in: directory, host: host, port: listening)
        guard let secret, let line = joinLine else { return }
        if keeps {
            var book = AccessBook(instance: instance, sessionKey: .random())
            book.replace(with: secret, at: Int64(time(nil)))
            try PrivateFile.write(directory.accessPath(host: host, port: listening), Array(book.text.utf8))
        }
        try PrivateFile.write(joinPath, Array("\(line.text)\n".utf8))
    }

    /// Takes away what says that a center is here.
    package func remove() throws(LocalStateError) {
        if secret != nil { unlink(joinPath) }
        try record.remove(in: directory, host: host, port: ownPort)
    }

    private var record: MasterRecord {
        MasterRecord(
            instance: instance, token: access.token, processID: HostIdentity.processID,
            pin: identity?.pin.description, address: address)
    }
}
