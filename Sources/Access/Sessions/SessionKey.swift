import Crypto
import KeyPins
package import Model

/// What a master makes the workers' own secrets from. It need not keep any of them: so they outlive a master that starts
/// again with the same key.
package struct SessionKey: Sendable {
    package static let byteCount = 32

    package let bytes: [UInt8]

    /// nil for another number of bytes than ``byteCount``.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        self.bytes = bytes
    }

    /// From the system's randomness.
    package static func random() -> SessionKey {
        SessionKey(key: SymmetricKey(size: .bits256))
    }

    private init(key: SymmetricKey) { bytes = key.withUnsafeBytes { Array($0) } }

    /// What a worker shows instead of the secret that it joined with: `w7.` and 52 letters and digits.
    package func token(of worker: WorkerID) -> String {
        "\(Self.mark)\(worker.number).\(Base32.encode(code("mr session 1", worker)))"
    }

    /// Whose token this is; nil for no token, one of another key, and one that was changed.
    package func worker(of token: [UInt8]) -> WorkerID? {
        guard token.count <= 128, let text = String(validating: token, as: UTF8.self), text.hasPrefix(Self.mark) else {
            return nil
        }
        let parts = text.dropFirst(Self.mark.count).split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int(parts[0]), number > 0, String(number) == parts[0],
            let given = Base32.decode(parts[1])
        else { return nil }
        let worker = WorkerID(number: number)
        let isRight = HMAC<SHA256>.isValidAuthenticationCode(
            given, authenticating: Self.statement("mr session 1", worker), using: SymmetricKey(data: bytes))
        return isRight ? worker : nil
    }

    /// ``TicketKey/byteCount`` bytes that only this master and that worker know.
    package func ticketKeyBytes(of worker: WorkerID) -> [UInt8] { code("mr tickets 1", worker) }

    private static let mark = "w"

    private func code(_ purpose: String, _ worker: WorkerID) -> [UInt8] {
        let statement = Self.statement(purpose, worker)
        return Array(HMAC<SHA256>.authenticationCode(for: statement, using: SymmetricKey(data: bytes)))
    }

    private static func statement(_ purpose: String, _ worker: WorkerID) -> [UInt8] {
        Array("\(purpose) \(worker.number)".utf8)
    }
}
