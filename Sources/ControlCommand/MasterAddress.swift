import ArgumentParser
import CommandSupport
import LocalMachine

/// Where the master listens: the options that all subcommands have.
struct MasterAddress: ParsableArguments {
    @Option(help: ArgumentHelp("Where the master listens. (default: 127.0.0.1:8000)", valueName: "host:port"))
    var master: String?

    @Argument(help: ArgumentHelp("The same as --master.", valueName: "host:port"))
    var address: String?

    static let addressDefault = HostPort(host: "127.0.0.1", port: 8_000)

    /// Whether the user named one.
    var isGiven: Bool { master != nil || address != nil }

    /// - Throws: Wrong usage.
    func parsed() throws(ProgramFailure) -> HostPort {
        if let master, let address, master != address {
            throw .wrongUsage("'\(shown(address))' and --master '\(shown(master))' are two masters; name one")
        }
        guard let text = master ?? address else { return Self.addressDefault }
        guard let parsed = HostPort(text, defaultHost: "127.0.0.1"), parsed.port > 0 else {
            throw .wrongUsage("'\(shown(text))' is not HOST:PORT; write it like 127.0.0.1:8000")
        }
        guard Loopback.contains(parsed.host) else {
            throw .wrongUsage(
                "'\(shown(text))' is on another machine, which needs TLS, and TLS is not supported; name 127.0.0.1 or ::1"
            )
        }
        return parsed
    }

    private func shown(_ text: String) -> String { DisplayName.of(RawArguments.bytes(of: text)) }
}
