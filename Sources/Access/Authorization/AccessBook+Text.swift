import KeyPins
import Model

// How a book is kept between two starts of a master: one line a fact.

extension AccessBook {
    private static let header = "swift-mapreduce access 1"

    package var text: String {
        var lines = [Self.header, "instance \(instance)", "session \(Base32.encode(sessionKey.bytes))"]
        for secret in secrets.values.sorted(by: { $0.role.rawValue < $1.role.rawValue }) {
            lines.append("secret \(secret.role.rawValue) \(secret.text) \(secret.endsAt.map { "\($0)" } ?? "-")")
        }
        lines += rotated.map { "rotated \(Base32.encode($0.digest)) \($0.time)" }
        for (worker, time) in dismissed.sorted(by: { $0.key.number < $1.key.number }) {
            lines.append("dismissed \(worker.number) \(time)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// - Returns: nil for anything that ``text`` would not have given.
    package init?(text: String) {
        let lines = text.split(separator: "\n").map { $0.split(separator: " ", omittingEmptySubsequences: false) }
        guard lines.count >= 3, lines[0].joined(separator: " ") == Self.header,
            lines[1].count == 2, lines[1][0] == "instance", lines[2].count == 2, lines[2][0] == "session",
            let key = Base32.decode(lines[2][1]).flatMap({ SessionKey(bytes: $0) })
        else { return nil }
        self.init(instance: String(lines[1][1]), sessionKey: key)
        for line in lines.dropFirst(3) {
            guard take(line.map(String.init)) else { return nil }
        }
    }

    private mutating func take(_ words: [String]) -> Bool {
        switch words.first {
        case "secret":
            guard words.count == 4, let role = Role(rawValue: words[1]), let bytes = Base32.decode(words[2]),
                bytes.count == JoinSecret.byteCount, words[3] == "-" || Int64(words[3]) != nil
            else { return false }
            set(JoinSecret(role: role, bytes: bytes, endsAt: Int64(words[3])))
        case "rotated":
            guard words.count == 3, let digest = Base32.decode(words[1]), digest.count == 32,
                let time = Int64(words[2])
            else { return false }
            note(rotated: digest, at: time)
        case "dismissed":
            guard words.count == 3, let number = Int(words[1]), number > 0, let time = Int64(words[2]) else {
                return false
            }
            dismiss(WorkerID(number: number), at: time)
        default: return false
        }
        return true
    }
}
