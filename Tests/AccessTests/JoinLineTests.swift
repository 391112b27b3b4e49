import KeyPins
import LocalMachine
import Testing

@testable import Access

@Suite struct JoinLineTests {
    private static let secret = JoinSecret(role: .worker, bytes: [UInt8](1...20))
    private static let pin = KeyPin(publicKey: [1, 2, 3])
    private static let line = JoinLine(
        trust: .pin(pin), secret: secret, master: HostPort(host: "10.0.0.5", port: 7070))

    @Test("Base 32 is what RFC 4648 gives in section 10")
    func base32() {
        for (bytes, text) in [
            ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            #expect(Base32.encode(Array(bytes.utf8)) == text)
            #expect(Base32.decode(text) == Array(bytes.utf8))
            #expect(Base32.decode(text.lowercased()) == Array(bytes.utf8))
        }
        for wrong in ["M", "MZX", "MZ=", "M1", "MZXQ====", "M Y", "MZ"] {
            #expect(Base32.decode(wrong) == nil, "\(wrong)")
        }
    }

    @Test("A line that was printed is read again, also with white space around it and in lower case")
    func roundTrip() throws {
        for trust in [JoinLine.Trust.pin(Self.pin), .authority] {
            for host in ["10.0.0.5", "::1", "head.example.org"] {
                let line = JoinLine(trust: trust, secret: Self.secret, master: HostPort(host: host, port: 7070))
                #expect(try JoinLine(line.text) == line)
                #expect(try JoinLine("  \(line.text)\n") == line)
                #expect(try JoinLine(line.text.lowercased()) == line)
            }
        }
        #expect(Self.line.text.split(separator: ".")[1].count == 32)
    }

    @Test("Whatever is logged of a line is not its secret")
    func redacted() {
        #expect(!"\(Self.line)".contains(Self.line.secret))
        #expect(Self.line.text.contains(Self.line.secret))
    }

    @Test(
        "What is wrong with a line is said, without the line",
        arguments: [
            ("", JoinLineError.empty), (" \n", .empty), ("mr1.a.b @h:1", .severalWords), ("hello@h:1", .noJoinLine),
            ("mr2.a.b@h:1", .otherVersion), ("mr1.a@h:1", .cut), ("mr1.a.b.c@h:1", .cut), ("mr1.a.b@h:1", .badPin),
            ("mr1.ca.b@h:1", .badSecret), ("mr1.ca.b", .noAddress), ("mr1.ca.b@h", .badAddress),
            ("mr1.ca.b@:7", .badAddress), ("mr1.ca.b@h:0", .badAddress), ("mr1.ca.b@h:65536", .badAddress),
            ("mr1.ca." + Base32.encode([UInt8](1...19)) + "@h:1", .badSecret),
        ])
    func wrong(text: String, error: JoinLineError) {
        #expect(throws: error) { try JoinLine(text) }
    }

    @Test("A line that lost a character at any place is refused")
    func lostCharacter() {
        for index in Self.line.text.indices where Self.line.text[index...].contains("@") {
            var text = Self.line.text
            text.remove(at: index)
            #expect(throws: JoinLineError.self, "\(text)") { try JoinLine(text) }
        }
    }
}
