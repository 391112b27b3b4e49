import ArgumentParser
import CommandSupport
import Testing

@testable import MasterCommand

@Suite struct ListenPlanTests {
    private static func plan(_ arguments: String) throws -> ListenPlan {
        try ListenPlan(MasterOptions.parse(arguments.split(separator: " ").map(String.init)))
    }

    @Test("This machine alone needs no TLS; every other address has it, unless both of its halves are typed away")
    func encryption() throws {
        for (arguments, encryption, requiresToken, isOpen) in [
            ("", .none, true, false), ("--listen 127.0.0.1:1", .none, true, false), ("--no-auth", .none, false, false),
            ("--listen [::1]:1 --plain-http", .none, true, false), ("--listen :1", .own, true, false),
            ("--listen 0.0.0.0:1", .own, true, false), ("--listen [::]:1", .own, true, false),
            ("--listen head:1", .own, true, false), ("--listen :1 --no-auth --plain-http", .none, false, true),
            ("--listen :1 --tls-cert c --tls-key k", .files(certificate: "c", key: "k"), true, false),
            ("--tls-cert c --tls-key k", .files(certificate: "c", key: "k"), true, false),
        ] as [(String, ListenPlan.Encryption, Bool, Bool)] {
            let plan = try Self.plan(arguments)
            #expect(plan.encryption == encryption, "\(arguments)")
            #expect(plan.requiresToken == requiresToken && plan.isOpen == isOpen, "\(arguments)")
        }
        #expect(try Self.plan("--listen :7070").listen.description == "0.0.0.0:7070")
    }

    @Test(
        "What would let others in by mistake is wrong usage",
        arguments: [
            "--listen :1 --no-auth", "--listen :1 --plain-http", "--listen 10.0.0.5:1 --no-auth",
            "--tls-cert c --tls-key k --no-auth", "--tls-cert c", "--tls-key k",
            "--listen :1 --tls-cert c --tls-key k --plain-http --no-auth", "--tls-client-ca c", "--token-ttl 1h",
            "--listen :1 --no-auth --plain-http --token-ttl 1h", "--listen :1 --token-ttl 0s",
            "--listen :1 --advertise a/b", "--listen nowhere",
        ])
    func refusals(arguments: String) {
        let failure = #expect(throws: ProgramFailure.self) { try Self.plan(arguments) }
        #expect(failure?.exitCode == 64)
    }

    @Test("Workers of the master itself can't show a certificate that nobody has given it")
    func localWorkers() throws {
        let plan = try Self.plan("--listen :1 --tls-client-ca c")
        #expect(throws: ProgramFailure.self) { try plan.check(localWorkerCount: 1) }
        try plan.check(localWorkerCount: 0)
        try Self.plan("--listen :1 --tls-client-ca c --tls-cert c --tls-key k").check(localWorkerCount: 1)
    }

    @Test("A time is a number with a unit, of a year at most")
    func lifetimes() throws {
        for (text, seconds) in [("90s", 90), ("30m", 1_800), ("12h", 43_200), ("366d", 31_622_400)] {
            #expect(try Lifetime.seconds(text, option: "--ttl") == Int64(seconds))
        }
        for wrong in [
            "", "90", "s", "0s", "-1h", "1.5h", "1 h", "1w", "367d", "99999999999999999999s", "9999999999999d",
        ] {
            #expect(throws: ProgramFailure.self, "\(wrong)") { try Lifetime.seconds(wrong, option: "--ttl") }
        }
    }
}
