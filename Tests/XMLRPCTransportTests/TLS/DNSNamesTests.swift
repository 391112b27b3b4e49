import Testing

@testable import XMLRPCTransport

@Suite struct DNSNamesTests {
    @Test(
        "A certificate's name stands for itself in any case, or with an asterisk for one label",
        arguments: [
            ("a.example", "A.Example", true), ("a.example", "a.example.", true), ("*.example", "a.example", true),
            ("*.b.example", "a.b.example", true), ("*.example", "a.b.example", false), ("*.example", "example", false),
            ("*.example", ".example", false), ("a.example", "b.example", false), ("*", "a", false),
            ("a*.example", "ab.example", false), ("a.example", "a.example.com", false),
        ])
    func names(pattern: String, name: String, isMatch: Bool) { #expect(DNSNames.matches(pattern, name) == isMatch) }
}
