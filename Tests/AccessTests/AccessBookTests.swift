import Model
import Testing

@testable import Access

@Suite struct AccessBookTests {
    private let worker = WorkerID(number: 7)
    private let key = SessionKey.random()
    private let joining = JoinSecret(role: .worker, bytes: [UInt8](1...20))

    private func book() -> AccessBook {
        var book = AccessBook(instance: "i", sessionKey: key)
        book.setOwner("own")
        book.replace(with: joining, at: 0)
        return book
    }

    private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test("Each role allows its own and no more; an admin may do everything")
    func roles() {
        let allowed = Role.allCases.map { role in Role.allCases.filter { role.allows($0) } }
        #expect(allowed == [[.worker], [.submitter, .viewer], [.viewer], Role.allCases])
    }

    @Test("A secret gives what it was made for, and another gives nothing")
    func lookup() throws {
        let book = book()
        #expect(try book.grant(for: Self.bytes(joining.text), at: 0) == Grant(role: .worker))
        #expect(try book.grant(for: Self.bytes("own"), at: 0) == Grant(role: .admin))
        #expect(try book.grant(for: Self.bytes(key.token(of: worker)), at: 0) == Grant(role: .worker, worker: worker))
        for other in ["", "ow", "own ", "i", String(joining.text.dropLast()), joining.text.lowercased()] {
            #expect(throws: GrantRefusal.unknown, "\(other)") { try book.grant(for: Self.bytes(other), at: 0) }
        }
    }

    @Test("A worker's token is nobody else's, and nothing with another master's key")
    func sessions() {
        let token = key.token(of: worker)
        #expect(key.worker(of: Self.bytes(token)) == worker)
        #expect(SessionKey.random().worker(of: Self.bytes(token)) == nil)
        let code = token.split(separator: ".")[1]
        for changed in [
            "w8.\(code)", "w07.\(code)", "w7.\(code.dropLast())", "w7.", "w7", "7.\(code)", "w-7.\(code)", "", "w",
            "w7.\(code).", String(repeating: "w", count: 500),
        ] {
            #expect(key.worker(of: Self.bytes(changed)) == nil, "\(changed)")
        }
        #expect(key.ticketKeyBytes(of: worker) != key.ticketKeyBytes(of: WorkerID(number: 8)))
    }

    @Test("A launched worker's secret joins and says whose it is, until it is forgotten, and is in no file")
    func launched() throws {
        var book = book()
        let (one, two) = (JoinSecret.random(role: .worker), JoinSecret.random(role: .worker))
        book.admit(launched: 1, secret: one)
        book.admit(launched: 2, secret: two)
        let grant = try book.grant(for: Self.bytes(two.text), at: 0)
        #expect(grant == Grant(launched: 2) && grant.role == .worker && grant.worker == nil && grant.launched == 2)
        #expect(Grant(grant.text) == grant && Grant("worker 2")?.launched == nil)
        for text in ["worker launched", "worker launched 0", "admin launched 2", "worker launched 2 3"] {
            #expect(Grant(text) == nil, "\(text)")
        }
        #expect(!grant.speaks(for: WorkerID(number: 2)), "workers of jobs have other numbers")
        #expect(!book.text.contains(two.text))
        book.forget(launched: 2)
        #expect(throws: GrantRefusal.unknown) { try book.grant(for: Self.bytes(two.text), at: 0) }
        #expect(try book.grant(for: Self.bytes(one.text), at: 0).launched == 1)
    }

    @Test("A secret ends at its time, to the second")
    func expiry() throws {
        var book = book()
        let secret = JoinSecret.random(role: .viewer, endsAt: 1_000)
        book.replace(with: secret, at: 0)
        #expect(try book.grant(for: Self.bytes(secret.text), at: 999).role == .viewer)
        #expect(book.secret(of: .viewer, at: 999) == secret)
        #expect(throws: GrantRefusal.expired(at: 1_000)) { try book.grant(for: Self.bytes(secret.text), at: 1_000) }
        #expect(book.secret(of: .viewer, at: 1_000) == nil)
    }

    @Test("A secret that was replaced says when; workers that had joined with it go on")
    func rotation() throws {
        var book = book()
        let new = JoinSecret.random(role: .worker)
        book.replace(with: new, at: 1_795_270_135)
        #expect(try book.grant(for: Self.bytes(key.token(of: worker)), at: 0).worker == worker)
        let refusal = #expect(throws: GrantRefusal.self) {
            try book.grant(for: Self.bytes(joining.text), at: 0)
        }
        #expect(refusal?.description == "this secret was replaced by another at 2026-11-21 14:08:55 UTC")
        #expect(try book.grant(for: Self.bytes(new.text), at: 0) == Grant(role: .worker))
        // To be given another end is not to be replaced.
        var longer = new
        longer.endsAt = 5_000
        book.replace(with: longer, at: 1)
        #expect(try book.grant(for: Self.bytes(new.text), at: 4_999).role == .worker)
    }

    @Test("A worker that was sent away is let in no more, and others are")
    func dismissal() throws {
        var book = book()
        book.dismiss(worker, at: 5)
        #expect(throws: GrantRefusal.dismissed(at: 5)) {
            try book.grant(for: Self.bytes(key.token(of: worker)), at: 6)
        }
        #expect(try book.grant(for: Self.bytes(key.token(of: WorkerID(number: 8))), at: 6).worker?.number == 8)
    }

    @Test("Only so many replaced secrets are remembered")
    func bound() {
        var book = book()
        let secrets = (0...AccessBook.rotatedCountMax + 1).map { _ in JoinSecret.random(role: .viewer) }
        for (time, secret) in secrets.enumerated() { book.replace(with: secret, at: Int64(time)) }
        #expect(throws: GrantRefusal.unknown) { try book.grant(for: Self.bytes(secrets[0].text), at: 0) }
        #expect(throws: GrantRefusal.rotated(at: 2)) { try book.grant(for: Self.bytes(secrets[1].text), at: 0) }
    }

    @Test("A book that was kept is the same again, but for its owner, who comes with each start")
    func text() throws {
        var book = book()
        book.replace(with: JoinSecret.random(role: .worker, endsAt: 77), at: 3)
        book.replace(with: JoinSecret.random(role: .admin), at: 3)
        book.dismiss(worker, at: 5)
        let again = try #require(AccessBook(text: book.text))
        #expect(again.text == book.text)
        #expect(again.instance == "i")
        #expect(again.secret(of: .worker, at: 76) == book.secret(of: .worker, at: 76))
        #expect(throws: GrantRefusal.unknown) { try again.grant(for: Self.bytes("own"), at: 0) }
        #expect(throws: GrantRefusal.rotated(at: 3)) { try again.grant(for: Self.bytes(joining.text), at: 0) }
        #expect(throws: GrantRefusal.dismissed(at: 5)) {
            try again.grant(for: Self.bytes(key.token(of: worker)), at: 6)
        }
        for flaw in ["", "swift-mapreduce access 2", book.text + "other 1\n", book.text + "secret boss A -\n"] {
            #expect(AccessBook(text: flaw) == nil, "\(flaw)")
        }
    }

    @Test("Another job keeps people's secrets, and lets no worker of the last one in")
    func renewal() throws {
        var book = book()
        book.dismiss(worker, at: 5)
        let next = book.renewed(instance: "j", sessionKey: SessionKey.random())
        #expect(try next.grant(for: Self.bytes(joining.text), at: 0) == Grant(role: .worker))
        #expect(throws: GrantRefusal.unknown) { try next.grant(for: Self.bytes(key.token(of: worker)), at: 0) }
    }

    @Test("A grant travels as one text, and no other text is one")
    func grantText() {
        for grant in [Grant(role: .viewer), Grant(role: .worker, worker: worker), Grant(role: .admin)] {
            #expect(Grant(grant.text) == grant)
        }
        #expect(Grant("") == Grant(role: .admin))
        for wrong in ["owner", "worker 0", "worker -1", "worker x", "worker 1 2", " ", "worker "] {
            #expect(Grant(wrong) == nil, "\(wrong)")
        }
        #expect(Grant(role: .worker, worker: worker).speaks(for: worker))
        #expect(!Grant(role: .worker, worker: worker).speaks(for: WorkerID(number: 8)))
        #expect(!Grant(role: .worker).speaks(for: worker))
        #expect(!Grant(role: .submitter).speaks(for: worker))
        #expect(Grant(role: .admin).speaks(for: worker))
    }

    @Test("A credential is a Bearer token, or Basic's password with any user name")
    func credentials() {
        #expect(Credential(authorization: "Bearer abc")?.secret == Self.bytes("abc"))
        #expect(Credential(authorization: "bearer   abc")?.secret == Self.bytes("abc"))
        // mr:abc and :a:b
        #expect(Credential(authorization: "Basic bXI6YWJj")?.secret == Self.bytes("abc"))
        #expect(Credential(authorization: "Basic OmE6Yg==")?.secret == Self.bytes("a:b"))
        for wrong in [nil, "", "Bearer", "Digest abc", "Basic !!!!", "Basic YWJj"] {
            #expect(Credential(authorization: wrong) == nil, "\(wrong ?? "none")")
        }
    }
}
