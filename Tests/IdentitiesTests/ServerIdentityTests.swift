import LocalMachine
import TestSupport
import Testing

@testable import Identities

@Suite struct ServerIdentityTests {
    private static let year: Int64 = 365 * 86_400

    @Test("A certificate is kept while it is this key's, good for long, and has all names")
    func note() throws {
        let note = CertificateNote(pin: "P", validUntil: 100 * 86_400, names: ["a", "10.0.0.5"])
        #expect(CertificateNote(text: note.text) == note)
        #expect(note.serves(["a"], pin: "P", at: 69 * 86_400))
        #expect(!note.serves(["a"], pin: "P", at: 71 * 86_400))
        #expect(!note.serves(["a", "b"], pin: "P", at: 0))
        #expect(!note.serves(["a"], pin: "Q", at: 0))
        for wrong in ["", "pin P\n", "pin P\nuntil x\nname a\n", "pin P\nuntil 1\nnom a\n"] {
            #expect(CertificateNote(text: wrong) == nil, "\(wrong)")
        }
    }

    @Test("What people were given to trust is shown again at the next start; a new name makes another, of the same key")
    func kept() throws {
        let folder = try TemporaryFolder()
        let directory = StateDirectory(path: folder.path + "/state")
        func identity(_ names: [String]) throws -> ServerIdentity {
            try .own(in: directory, names: names, clientAuthorities: nil)
        }
        let first = try identity(["localhost", "10.0.0.5"])
        #expect(try identity(["10.0.0.5", "localhost"]).certificate == first.certificate)
        let next = try identity(["localhost", "head.example.org"])
        #expect(next.certificate != first.certificate && next.pin == first.pin)
        #expect(try identity(["10.0.0.5"]).certificate == next.certificate, "names that it had stay")
    }
}
