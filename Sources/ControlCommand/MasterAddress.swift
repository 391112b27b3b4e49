import ArgumentParser
import CommandSupport
import Joining
import LocalMachine

/// Where the master listens, as an argument of its own or by the options that all subcommands have.
struct MasterAddress: ParsableArguments {
    @OptionGroup var place: MasterPlace

    @Argument(help: ArgumentHelp("The same as --master; a number alone is a job's.", valueName: "host:port"))
    var typed: String?

    /// A number can't be an address, and where a job is meant it is the job's.
    var job: String? { typed.flatMap { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } ? $0 : nil } }

    private var address: String? { job == nil ? typed : nil }

    /// Whether the user named one.
    var isGiven: Bool { place.master != nil || address != nil || place.join != nil }

    /// - Throws: Wrong usage.
    ///
    /// - Parameter guesses: Where nobody has named a master, the only one that there is will do: for commands that look.
    func entry(guesses: Bool) throws(ProgramFailure) -> MasterEntry { try place.entry(address, guesses: guesses) }
}

/// Where the master listens, and how to get in: the options that all subcommands have.
struct MasterPlace: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where the master listens, on this machine. (default: 127.0.0.1:8000)", valueName: "host:port"))
    var master: String?

    @Option(
        help: ArgumentHelp(
            "For a master on another machine: a line that 'mr-ctl token' printed there; - reads it from standard input. $MR_JOIN_FILE may name a file with it.",
            valueName: "line"))
    var join: String?

    @OptionGroup var trust: TrustOptions

    @Flag(
        name: .customLong("plain-http"), help: "The master on another machine was started with --no-auth --plain-http.")
    var plainHTTP = false

    /// - Throws: Wrong usage.
    func entry(_ address: String? = nil, guesses: Bool) throws(ProgramFailure) -> MasterEntry {
        if let master, let address, master != address {
            throw .wrongUsage("'\(shown(address))' and --master '\(shown(master))' are two masters; name one")
        }
        if join == nil, let text = master ?? address {
            guard let parsed = HostPort(text, defaultHost: "127.0.0.1"), parsed.port > 0 else {
                throw .wrongUsage("'\(shown(text))' is not HOST:PORT; write it like 127.0.0.1:8000")
            }
        }
        let request = EntryRequest(
            master: master ?? address ?? (guesses && join == nil ? onlyMaster : nil), join: join, plainHTTP: plainHTTP,
            authorities: trust.authorities,
            certificate: trust.certificate, key: trust.key)
        do {
            return try request.entry(environment: ProgramEnvironment.all) { readLine() }
        } catch EntryError.elsewhere(let text) {
            throw .wrongUsage(
                "'\(shown(text))' is on another machine: give --join a line that 'mr-ctl token --role viewer' printed there; "
                    + "submitter in place of viewer may also cancel, and admin do everything")
        } catch {
            throw .wrongUsage("\(error)")
        }
    }

    /// The only master that has left word on this machine, where nobody has named one.
    private var onlyMaster: String? {
        guard ProgramEnvironment.all["MR_JOIN_FILE"] == nil else { return nil }
        // Without a state folder there is none to be found.
        let masters = (try? StateDirectory.ofUser(environment: ProgramEnvironment.all))?.masters ?? []
        guard masters.count == 1 else { return nil }
        return masters[0].description
    }

    private func shown(_ text: String) -> String { DisplayName.of(RawArguments.bytes(of: text)) }
}

/// What TLS may need beside a join line.
struct TrustOptions: ParsableArguments {
    @Option(
        name: .customLong("tls-ca"),
        help: ArgumentHelp(
            "The authorities, or the certificate, to trust, in PEM. (default: the system's)", valueName: "file"))
    var authorities: String?

    @Option(
        name: .customLong("tls-cert"),
        help: ArgumentHelp("The certificate to show to a server that asks for one, in PEM.", valueName: "file"))
    var certificate: String?

    @Option(name: .customLong("tls-key"), help: ArgumentHelp("Its key, in PEM.", valueName: "file"))
    var key: String?
}
