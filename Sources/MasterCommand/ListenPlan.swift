import CommandSupport
import Glibc
import Identities
import LocalMachine
import Master
import XMLRPCTransport

/// Where the master listens, and what it takes to be let in there.
struct ListenPlan {
    enum Encryption: Equatable {
        case none
        /// With a key of the user's own, which is made when there is none.
        case own
        case files(certificate: String, key: String)
    }

    let listen: HostPort
    let advertised: String?
    let requiresToken: Bool
    let encryption: Encryption
    let clientAuthorities: String?
    /// In seconds.
    let tokenLifetime: Int64?

    init(_ options: MasterOptions) throws(ProgramFailure) {
        guard let listen = HostPort(options.listen, defaultHost: "0.0.0.0") else {
            throw .wrongUsage(
                "--listen '\(options.listen)' is not HOST:PORT; write it like 127.0.0.1:8000, with a port up to 65535")
        }
        self.listen = listen
        encryption = try Self.encryption(options, isLoopback: Loopback.contains(listen.host))
        requiresToken = !options.noAuth
        clientAuthorities = options.tlsClientAuthorities
        tokenLifetime = try options.tokenLifetime.map { text throws(ProgramFailure) in
            try Lifetime.seconds(text, option: "--token-ttl")
        }
        advertised = options.advertise
        if encryption == .none {
            for (name, isGiven) in [
                ("--tls-client-ca", clientAuthorities != nil), ("--token-ttl", tokenLifetime != nil),
                ("--advertise", advertised != nil && Loopback.contains(listen.host)),
            ] where isGiven {
                throw .wrongUsage("\(name) is for TLS, which is on where --listen is not on this machine alone")
            }
        }
        if let advertised, advertised.isEmpty || advertised.contains(where: { $0.isWhitespace || "@/".contains($0) }) {
            throw .wrongUsage("--advertise '\(advertised)' is no host; name one as in head.example.org")
        }
    }

    private static func encryption(_ options: MasterOptions, isLoopback: Bool) throws(ProgramFailure) -> Encryption {
        let files: Encryption? =
            switch (options.tlsCertificate, options.tlsKey) {
            case (nil, nil): nil
            case (let certificate?, let key?): .files(certificate: certificate, key: key)
            case (nil, _), (_, nil): throw .wrongUsage("--tls-cert and --tls-key go together")
            }
        if options.plainHTTP, files != nil {
            throw .wrongUsage("--plain-http is without TLS, and --tls-cert is for TLS; leave one of them out")
        }
        if isLoopback, files == nil { return .none }
        switch (options.noAuth, options.plainHTTP) {
        case (true, true): return .none
        case (false, false): return files ?? .own
        case (true, false):
            throw .wrongUsage(
                "--no-auth alone would let every machine in that reaches '\(options.listen)'; if that is what you want, add --plain-http"
            )
        case (false, true):
            throw .wrongUsage(
                "--plain-http would send the token readable to '\(options.listen)'; if the network is safe, add --no-auth, else leave --plain-http out for TLS"
            )
        }
    }

    /// Workers that the master starts show its own certificate to a master that asks for one.
    func check(localWorkerCount: Int) throws(ProgramFailure) {
        guard localWorkerCount > 0, clientAuthorities != nil, encryption == .own else { return }
        throw .wrongUsage(
            "--workers with --tls-client-ca needs --tls-cert and --tls-key, with a certificate that these authorities vouch for: the workers show it"
        )
    }

    /// Whether other machines may read and write everything.
    var isOpen: Bool { !requiresToken && encryption == .none && !Loopback.contains(listen.host) }

    /// What is shown to clients; nil: plain HTTP. Reads and writes files.
    func identity(environment: [String: String]) throws(ProgramFailure) -> ServerIdentity? {
        do {
            let authorities = try clientAuthorities.map(PEM.file)
            switch encryption {
            case .none: return nil
            case .own:
                return try .own(
                    in: StateDirectory.ofUser(environment: environment),
                    names: ServerIdentity.names(listeningAt: listen.host, advertised: advertised),
                    clientAuthorities: authorities)
            case .files(let certificate, let key):
                return try .files(certificate: certificate, key: key, clientAuthorities: authorities)
            }
        } catch {
            throw .wrongUsage("\(error)")
        }
    }
}
