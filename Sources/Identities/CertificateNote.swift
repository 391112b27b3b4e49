/// What a certificate that was kept says, so that nobody need read it: lines `pin`, `until` and `name`.
struct CertificateNote: Hashable {
    let pin: String
    /// In seconds since 1970.
    let validUntil: Int64
    let names: [String]

    /// One that ends sooner is followed by a new one.
    private static let leftMin: Int64 = 30 * 86_400

    init(pin: String, validUntil: Int64, names: [String]) {
        self.pin = pin
        self.validUntil = validUntil
        self.names = names
    }

    /// nil for what ``text`` would not have given.
    init?(text: String) {
        let lines = text.split(separator: "\n").map { $0.split(separator: " ", maxSplits: 1).map(String.init) }
        guard lines.count >= 3, lines.allSatisfy({ $0.count == 2 }), lines[0][0] == "pin", lines[1][0] == "until",
            let end = Int64(lines[1][1]), lines.dropFirst(2).allSatisfy({ $0[0] == "name" })
        else { return nil }
        self.init(pin: lines[0][1], validUntil: end, names: lines.dropFirst(2).map { $0[1] })
    }

    var text: String {
        (["pin \(pin)", "until \(validUntil)"] + names.map { "name \($0)" }).joined(separator: "\n") + "\n"
    }

    func serves(_ wanted: [String], pin: String, at now: Int64) -> Bool {
        pin == self.pin && now + Self.leftMin < validUntil && wanted.allSatisfy(names.contains)
    }
}
