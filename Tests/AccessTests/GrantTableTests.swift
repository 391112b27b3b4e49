import Model
import Testing

@testable import Access

@Suite struct GrantTableTests {
    private let joining: [UInt8] = Array("joining".utf8)
    private let own: [UInt8] = Array("own".utf8)
    private let worker = WorkerID(number: 7)

    private func table() -> GrantTable {
        var table = GrantTable()
        table.add(joining, Grant(role: .worker))
        table.add(own, Grant(role: .worker, worker: worker))
        return table
    }

    @Test("Each role allows its own and no more; an admin may do everything")
    func roles() {
        let allowed = Role.allCases.map { role in Role.allCases.filter { role.allows($0) } }
        #expect(allowed == [[.worker], [.submitter, .viewer], [.viewer], Role.allCases])
    }

    @Test("A secret gives what it was added for, and another gives nothing")
    func lookup() throws {
        #expect(try table().grant(for: own, at: 0) == Grant(role: .worker, worker: worker))
        for other in [[], Array("ow".utf8), Array("own ".utf8)] as [[UInt8]] {
            #expect(throws: GrantRefusal.unknown) { try table().grant(for: other, at: 0) }
        }
    }

    @Test("A secret ends at its time, to the second")
    func expiry() throws {
        var table = GrantTable()
        table.add(joining, Grant(role: .viewer, endsAt: 1_000))
        #expect(try table.grant(for: joining, at: 999).role == .viewer)
        #expect(throws: GrantRefusal.expired(at: 1_000)) { try table.grant(for: joining, at: 1_000) }
    }

    @Test("A secret that was rotated says when; workers that had joined with it go on")
    func rotation() throws {
        var table = table()
        table.rotate(.worker, at: 1_795_270_135)
        #expect(try table.grant(for: own, at: 0).worker == worker)
        let refusal = #expect(throws: GrantRefusal.self) { try table.grant(for: joining, at: 0) }
        #expect(refusal?.description == "this secret was replaced by another at 2026-11-21 14:08:55 UTC")
        table.add(Array("new".utf8), Grant(role: .worker))
        #expect(try table.grant(for: Array("new".utf8), at: 0).worker == nil)
    }

    @Test("A worker that was sent away is let in no more, and others are")
    func dismissal() throws {
        var table = table()
        let other: [UInt8] = [1, 2, 3]
        table.add(other, Grant(role: .worker, worker: WorkerID(number: 8)))
        table.dismiss(worker, at: 5)
        #expect(throws: GrantRefusal.dismissed(at: 5)) { try table.grant(for: own, at: 6) }
        #expect(try table.grant(for: other, at: 6).worker?.number == 8)
    }

    @Test("Only so many ended secrets are remembered")
    func bound() {
        var table = GrantTable()
        for number in 0...GrantTable.endedCountMax {
            table.add([UInt8(number & 255), UInt8(number >> 8)], Grant(role: .viewer))
            table.rotate(.viewer, at: Int64(number))
        }
        #expect(throws: GrantRefusal.unknown) { try table.grant(for: [0, 0], at: 0) }
        #expect(throws: GrantRefusal.rotated(at: 1)) { try table.grant(for: [1, 0], at: 0) }
    }

    @Test("A credential is a Bearer token, or Basic's password with any user name")
    func credentials() {
        #expect(Credential(authorization: "Bearer abc")?.secret == Array("abc".utf8))
        #expect(Credential(authorization: "bearer   abc")?.secret == Array("abc".utf8))
        // mr:abc and :a:b
        #expect(Credential(authorization: "Basic bXI6YWJj")?.secret == Array("abc".utf8))
        #expect(Credential(authorization: "Basic OmE6Yg==")?.secret == Array("a:b".utf8))
        for wrong in [nil, "", "Bearer", "Digest abc", "Basic !!!!", "Basic YWJj"] {
            #expect(Credential(authorization: wrong) == nil, "\(wrong ?? "none")")
        }
    }
}
