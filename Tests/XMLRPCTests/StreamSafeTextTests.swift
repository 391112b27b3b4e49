import Testing

@testable import XMLRPC

/// Text that takes long to compare.
@Suite struct StreamSafeTextTests {
    private static let acute = "\u{301}"

    @Test("Text is safe with 30 combining characters in a row, however often, and not with 31")
    func limit() {
        let most = "a" + String(repeating: Self.acute, count: 30)
        #expect(StreamSafeText.isSafe("") && StreamSafeText.isSafe("plain") && StreamSafeText.isSafe(most + most))
        #expect(!StreamSafeText.isSafe("x" + most + Self.acute))
        #expect(!StreamSafeText.isSafe(String(repeating: Self.acute, count: 31)))
    }

    @Test("Cut text is safe, and lacks nothing but what is too many")
    func cut() {
        let most = "a" + String(repeating: Self.acute, count: 30)
        #expect(StreamSafeText.cut(most + Self.acute + Self.acute + "b").utf8.elementsEqual((most + "b").utf8))
        #expect(StreamSafeText.cut("é" + most).utf8.elementsEqual(("é" + most).utf8))
        #expect(StreamSafeText.isSafe(StreamSafeText.cut(String(repeating: Self.acute, count: 1_000))))
    }
}
