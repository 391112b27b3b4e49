import Access
import CommandSupport
import DataWorkers
import Identities
import Joining
import LocalMachine

/// How a data worker gets in at its center, and where it listens, by the command line and by what the center has left.
struct DataWorkerEntry {
    let center: MasterEntry
    /// nil where everybody is let in.
    let secret: String?
    let host: String
    let port: Int
    /// Where others find it.
    let reachedAs: String
    let warning: String?
    private let encrypts: Bool

    /// - Parameter text: Of `--center`: an address on this machine, a join line, or - for one on standard input.
    init(_ options: WorkerOptions, _ text: String) throws {
        let isLine = text == "-" || text.contains("@") || text.hasPrefix("mr1.")
        let request = EntryRequest(
            master: isLine ? nil : text, join: isLine ? text : nil, plainHTTP: options.plainHTTP && isLine,
            authorities: options.authorities, certificate: options.certificate, key: options.key)
        if isLine, options.noAuth {
            throw ProgramFailure.wrongUsage(
                "a join line has a secret, and --no-auth is for centers without; leave one of them out")
        }
        let (center, warning) = try Self.entry(request, options)
        let door: MasterDoor
        do {
            door = try center.door(environment: ProgramEnvironment.all)
        } catch is NoMasterYet {
            throw ProgramFailure.jobFailed(
                "no center of this user has left word that it listens on \(center.address); start one with mr-ctl center, or say --no-auth where it lets everybody in"
            )
        }
        self.center = center
        self.warning = warning
        secret = door.secret
        let own = door.ownHost
        let listen = options.listen ?? HostPort(host: own, port: 0).description
        let place = try DataPlace(
            listen, shown: DisplayName.of(RawArguments.bytes(of: listen)), of: "--listen", noAuth: options.noAuth,
            plainHTTP: options.plainHTTP)
        (host, port) = (place.listen.host, place.listen.port)
        encrypts = place.encrypts
        reachedAs = OwnAddresses.wildcards.contains(place.listen.host) ? own : place.listen.host
        if encrypts, secret == nil {
            throw ProgramFailure.wrongUsage(
                "the center at \(center.address) lets everybody in, and '\(listen)' is an address that others reach; add --no-auth --plain-http if that is what you want"
            )
        }
        guard !Loopback.contains(reachedAs) || OwnAddresses.contains((door.outward ?? door.address).host) else {
            throw ProgramFailure.wrongUsage(
                "--listen '\(listen)' is for this machine alone, and the center at \(center.address) is on another; leave --listen out, or name an address that it reaches"
            )
        }
    }

    /// A line in the file that `MR_JOIN_FILE` names will do for a center on another machine.
    private static func entry(
        _ request: EntryRequest, _ options: WorkerOptions
    ) throws -> (MasterEntry, warning: String?) {
        let environment = ProgramEnvironment.all
        let shown = DisplayName.of(RawArguments.bytes(of: request.master ?? ""))
        if options.noAuth, let text = request.master, let address = HostPort(text, defaultHost: "127.0.0.1"),
            address.port > 0
        {
            guard OwnAddresses.contains(address.host) || options.plainHTTP else {
                throw ProgramFailure.wrongUsage(
                    "--no-auth with a center on another machine, '\(shown)', sends all data readable; if that is what you want, add --plain-http"
                )
            }
            return (.open(address), nil)
        }
        do {
            return (try request.entry(environment: environment) { readLine() }, nil)
        } catch EntryError.noAddress {
            throw ProgramFailure.wrongUsage(
                "--center '\(shown)' is neither HOST:PORT nor a join line; write it like 127.0.0.1:8787")
        } catch EntryError.authorityWithoutJoin {
            throw ProgramFailure.wrongUsage("--tls-ca goes with a join line, as in --center mr1.ca.SECRET@HOST:PORT")
        } catch EntryError.elsewhere {
            var byFile = request
            byFile.master = nil
            guard let path = environment["MR_JOIN_FILE"], !path.isEmpty else {
                throw ProgramFailure.wrongUsage(
                    "--center '\(shown)' is on another machine: give --center the join line that the center printed, and that 'mr-ctl token' prints there, or name a file with it in $MR_JOIN_FILE"
                )
            }
            let entry = try byFile.entry(environment: environment) { nil }
            guard entry.address.description == HostPort(request.master ?? "", defaultHost: "")?.description else {
                throw ProgramFailure.wrongUsage(
                    "--center '\(shown)' is on another machine, and the join line in '\(path)', which $MR_JOIN_FILE names, is for \(entry.address)"
                )
            }
            return (entry, byFile.warning(environment: environment))
        }
    }

    /// What it shows to others; nil: plain HTTP.
    func identity() throws -> ServerIdentity? {
        guard encrypts else { return nil }
        var names = ServerIdentity.names(listeningAt: host)
        if !names.contains(reachedAs) { names.append(reachedAs) }
        return try .throwAway(commonName: "mr-worker", names: names)
    }
}
