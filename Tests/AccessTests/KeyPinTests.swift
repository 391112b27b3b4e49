import KeyPins
import Testing

@Suite struct KeyPinTests {
    @Test("A pin is written in 32 characters of base32, and read from them in either case")
    func text() throws {
        // RFC 4648, section 10, has "foobar"; this is its alphabet from one end to the other.
        let bytes: [UInt8] = [
            0x00, 0x44, 0x32, 0x14, 0xC7, 0x42, 0x54, 0xB6, 0x35, 0xCF, 0x84, 0x65, 0x3A, 0x56, 0xD7, 0xC6, 0x75, 0xBE,
            0x77, 0xDF,
        ]
        let pin = try #require(KeyPin(bytes: bytes))
        #expect(pin.description == "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
        #expect(KeyPin("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == pin)
        #expect(KeyPin("abcdefghijklmnopqrstuvwxyz234567") == pin)
        #expect(pin.bytes == bytes)
    }

    @Test("Whatever the bytes, a pin comes back as it was written", arguments: UInt64(0)..<20)
    func roundTrip(seed: UInt64) {
        let bytes = (0..<20).map { UInt8(truncatingIfNeeded: (seed &+ 1) &* 0x9E37_79B9_7F4A_7C15 >> (UInt64($0) * 2)) }
        let pin = KeyPin(bytes: bytes)
        #expect(pin.flatMap { KeyPin($0.description) } == pin, "seed \(seed)")
        #expect(pin?.description.utf8.count == 32)
    }

    @Test(
        "What is no pin is not read as one",
        arguments: [
            "", "ABCDEFGHIJKLMNOPQRSTUVWXYZ23456", "ABCDEFGHIJKLMNOPQRSTUVWXYZ2345677",
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ234561",
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ23456=", "ÄBCDEFGHIJKLMNOPQRSTUVWXYZ23456",
        ])
    func badTexts(text: String) { #expect(KeyPin(text) == nil) }

    @Test("Other than 20 bytes are no pin")
    func badBytes() {
        #expect(KeyPin(bytes: [UInt8](repeating: 1, count: 19)) == nil)
        #expect(KeyPin(bytes: [UInt8](repeating: 1, count: 21)) == nil)
    }
}
