import LocalMachine
import Testing

@Suite("Addresses")
struct AddressTests {
    @Test(
        "are read and written the same",
        arguments: [
            ("127.0.0.1:8000", "127.0.0.1", 8000), ("[::1]:0", "::1", 0), ("10.1.2.3:65535", "10.1.2.3", 65_535),
        ])
    func reading(text: String, host: String, port: Int) {
        let address = HostPort(text, defaultHost: "x")
        #expect(address == HostPort(host: host, port: port))
        #expect(address?.description == text)
    }

    @Test("by the name localhost are 127.0.0.1")
    func localhost() {
        #expect(HostPort("localhost:80", defaultHost: "x") == HostPort(host: "127.0.0.1", port: 80))
    }

    @Test("without a host mean the default one")
    func defaultHost() {
        #expect(HostPort(":80", defaultHost: "0.0.0.0") == HostPort(host: "0.0.0.0", port: 80))
    }

    @Test(
        "of no form are refused",
        arguments: ["", "8000", "host", "host:", "host:65536", "host:-1", "host:+1", "::1:80", "host:1x", "host: 1"])
    func refusals(text: String) {
        #expect(HostPort(text, defaultHost: "h") == nil)
    }

    @Test(
        "are told apart: this machine's own, and others",
        arguments: [
            ("127.0.0.1", true), ("127.255.0.9", true), ("::1", true), ("localhost", true), ("0.0.0.0", false),
            ("10.0.0.1", false), ("::", false), ("example.org", false), ("", false), ("127.0.0.1.example.org", false),
        ])
    func loopback(host: String, isLoopback: Bool) {
        #expect(Loopback.contains(host) == isLoopback)
    }
}

@Suite("Names as people see them")
struct DisplayNameTests {
    @Test("are shown as they are while that is safe")
    func plain() {
        #expect(DisplayName.of(Array("a b/ü.txt".utf8)) == "a b/ü.txt")
    }

    @Test("show as escapes what would garble a terminal")
    func escapes() {
        #expect(DisplayName.of(Array("a\nb".utf8)) == "a\\x0ab")
        #expect(DisplayName.of(Array("\u{1B}[2J".utf8)) == "\\x1b[2J")
        #expect(DisplayName.of([0x61, 0xff]) == "a\\xff")
        #expect(DisplayName.of(Array("x\u{202E}y".utf8)).contains("\\xe2"))
    }

    @Test("show as escapes what XML cannot carry", arguments: [0xFFFE, 0xFFFF, 0xFDD0, 0x1FFFE])
    func noncharacters(number: UInt32) throws {
        let scalar = String(try #require(Unicode.Scalar(number)))
        let shown = DisplayName.of(Array("a\(scalar)".utf8))
        #expect(shown == "a" + scalar.utf8.map { "\\x" + String($0, radix: 16) }.joined())
    }
}

@Suite("Secrets")
struct SecretTests {
    @Test("are equal only to themselves")
    func comparison() {
        #expect(Secret.areEqual(Array("abc".utf8), Array("abc".utf8)))
        #expect(!Secret.areEqual(Array("abc".utf8), Array("abd".utf8)))
        #expect(!Secret.areEqual(Array("abc".utf8), Array("ab".utf8)))
        #expect(Secret.areEqual([], []))
    }
}
