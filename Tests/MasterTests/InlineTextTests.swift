import Testing

@testable import Master

@Suite("Text for workers of the simple calls")
struct InlineTextTests {
    @Test("travels when every language cuts it into the same words", arguments: ["", "a b\tc\r\nd", "naïve 日本 😀"])
    func carried(text: String) {
        #expect(InlineText.string(from: Array(text.utf8)) == text)
    }

    @Test(
        "stays when XML can't carry it, or when some language sees white space where word count sees none",
        arguments: [
            "a\0b", "a\u{B}b", "a\u{C}b", "a\u{1C}b", "a\u{1F}b", "a\u{7F}b", "a\u{85}b", "a\u{A0}b", "a\u{1680}b",
            "a\u{2003}b", "a\u{2028}b", "a\u{202F}b", "a\u{3000}b", "a\u{FFFE}b",
        ])
    func kept(text: String) {
        #expect(InlineText.string(from: Array(text.utf8)) == nil)
    }

    @Test("stays when two of its words differ in their normalisation alone", arguments: ["é e\u{301}", "Å \u{212B}"])
    func normalisation(text: String) {
        #expect(InlineText.string(from: Array(text.utf8)) == nil)
        let once = text.split(separator: " ")[1]
        #expect(InlineText.string(from: Array(once.utf8)) == String(once))
    }

    @Test("stays when it is not UTF-8")
    func invalid() {
        #expect(InlineText.string(from: [0x61, 0xff]) == nil)
    }
}
