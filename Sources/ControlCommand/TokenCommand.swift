import Access
import ArgumentParser
import CommandSupport
import KeyPins
import LocalMachine
import WorkerProtocol
import XMLRPC

struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Prints the line that workers, or people with mr-ctl, join with from other machines.",
        discussion: """
            The line goes to standard output, and what is to be known of it to standard error. Of a master without TLS it is the secret \
            alone, for XML-RPC clients: the token of Bearer, or the password of Basic with any user name.
            """)

    @Option(
        help: ArgumentHelp(
            "What it is good for: worker joins and works; viewer looks; submitter also cancels; admin does everything.",
            valueName: "role"))
    var role = Role.worker.rawValue

    @Flag(help: "Make a new one: the one that there is is refused from now on, and workers that have joined go on.")
    var rotate = false

    @Option(
        help: ArgumentHelp(
            "It ends so long from now, as in 90s, 30m, 12h or 7d: the line that the role has, or with --rotate the new one.",
            valueName: "time"))
    var ttl: String?

    @Flag(help: "Print the secret alone, for other XML-RPC clients.")
    var secret = false

    @Flag(help: "Print a line for a master whose certificate an authority vouches for: its key may change.")
    var ca = false

    @Flag(help: "Print the master's certificate instead, in PEM, for clients that want a file to trust.")
    var cert = false

    @OptionGroup var master: MasterAddress

    func run() async throws {
        guard let role = Role(rawValue: role) else {
            throw ProgramFailure.wrongUsage(
                "--role is one of \(Role.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let lifetime = try ttl.map { text throws(ProgramFailure) in try Lifetime.seconds(text, option: "--ttl") }
        try await withMaster(master) { master in
            if cert { return try await printCertificate(master) }
            var members: [String: XMLRPCValue] = ["role": .string(role.rawValue), "rotate": .boolean(rotate)]
            if let lifetime { members["ttl_seconds"] = .count(lifetime) }
            let answer = AnswerFields(try await master.call(MethodName.token, [.structure(members)]))
            let end = try answer.count("ends_at")
            try StandardOutput.deliver(try line(answer) + "\n")
            if end > 0 {
                let others =
                    lifetime != nil && !rotate ? ", for all who have it already, too (--rotate makes another)" : ""
                LineLog.toStandardError(
                    "\(ControlMain.programName): it is good until \(GrantRefusal.text(end))\(others)")
            }
        }
    }

    private func line(_ answer: AnswerFields) throws(ProgramFailure) -> String {
        let (secret, pin) = (try answer.text("secret"), try answer.text("pin"))
        if self.secret || pin.isEmpty { return secret }
        return "mr1.\(ca ? "ca" : pin).\(secret)@\(try answer.text("address"))"
    }

    private func printCertificate(_ master: MasterCaller) async throws {
        guard case .string(let certificate) = try await master.call(MethodName.certificate), !certificate.isEmpty
        else {
            throw ProgramFailure.jobFailed("this master speaks plain HTTP, and has no certificate")
        }
        try StandardOutput.deliver(certificate)
    }
}
