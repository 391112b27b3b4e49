import ArgumentParser
import CommandSupport
import Joining
import KeyPins
import LocalMachine
import XMLRPC
import XMLRPCTransport

/// Which server is called, and for how long: what `call` and `methods` have in common.
struct ServerOptions: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "Where the server takes calls, such as http://127.0.0.1:8080/RPC2 or http://user:password@host/.",
            valueName: "url"))
    var url: String

    @Option(help: ArgumentHelp("How long an answer may take, in seconds.", valueName: "seconds"))
    var timeout: Double = 30

    @OptionGroup var trust: TrustOptions

    @Option(help: ArgumentHelp("The pin of the server's key, as a join line has it after mr1.", valueName: "pin"))
    var pin: String?

    func validate() throws {
        guard timeout > 0, timeout <= 86_400 else {
            throw ValidationError("--timeout is more than 0 and at most 86400 seconds")
        }
        guard (trust.certificate == nil) == (trust.key == nil) else {
            throw ValidationError("--tls-cert and --tls-key go together")
        }
    }
}

/// Speaks to any XML-RPC server, and tells failures as its user can mend them.
struct ServerCaller {
    let url: ServerURL
    private let client: HTTPClient
    private let timeout: Duration

    init(_ options: ServerOptions) throws(ProgramFailure) {
        url = try ServerURL(options.url)
        // Other users read the list of processes.
        if url.credentials != nil, let at = options.url.lastIndex(of: "@"),
            let begin = options.url.firstRange(of: "://")?.upperBound
        {
            RawArguments.hide(String(options.url[begin..<at]))
        }
        timeout = .seconds(options.timeout)
        var configuration = HTTPClientConfiguration()
        configuration.callPath = url.path
        configuration.connectTimeout = min(timeout, configuration.connectTimeout)
        let record = Self.record(url)
        let authorization = Self.authorization(url, record)
        // The token is for the master alone, and not for whoever listens there after it.
        if url.credentials == nil, authorization != nil {
            configuration.distrust = MasterDoor.distrust(port: url.address.port)
        }
        client = HTTPClient(
            host: url.address.host, port: url.address.port, authorization: authorization,
            threads: TransportThreads(eventLoopCount: 1, blockingThreadCount: 1), configuration: configuration,
            tls: try Self.tls(url, options, record))
    }

    /// What a master of the same user has left at that address.
    private static func record(_ url: ServerURL) -> MasterRecord? {
        guard OwnAddresses.contains(url.address.host) else { return nil }
        do throws(LocalStateError) {
            let directory = try StateDirectory.ofUser(environment: ProgramEnvironment.all)
            return try MasterRecord.read(in: directory, host: url.address.host, port: url.address.port)
        } catch {
            // Any other server has no use for a token, and one that has says so itself.
            return nil
        }
    }

    /// The URL's own credentials, or the token of that master: to nobody else.
    private static func authorization(_ url: ServerURL, _ record: MasterRecord?) -> String? {
        if let credentials = url.credentials { return "Basic \(ValueForm.base64(Array(credentials.utf8)))" }
        // A master with TLS that is called without it would not be the one that answers.
        guard let record, url.encrypts == (record.pin != nil) else { return nil }
        return record.token.map { "Bearer \($0)" }
    }

    private static func tls(
        _ url: ServerURL, _ options: ServerOptions, _ record: MasterRecord?
    ) throws(ProgramFailure) -> ClientTLS? {
        guard url.encrypts else { return nil }
        do {
            return try ClientTLS(trust: trust(options, record), identity: identity(options.trust))
        } catch {
            throw .wrongUsage("\(error)")
        }
    }

    private static func trust(_ options: ServerOptions, _ record: MasterRecord?) throws -> ClientTLS.Trust {
        if let text = options.pin {
            guard let pin = KeyPin(text) else {
                throw ProgramFailure.wrongUsage("--pin is 32 letters and digits, as a join line has after mr1.")
            }
            return .pins([pin])
        }
        if let path = options.trust.authorities { return .authorities(try PEM.file(path)) }
        if let pin = record?.pin.flatMap({ KeyPin($0) }) { return .pins([pin]) }
        return .systemAuthorities
    }

    private static func identity(_ options: TrustOptions) throws -> TLSIdentity? {
        guard let certificate = options.certificate, let key = options.key else { return nil }
        return try TLSIdentity(certificateFile: certificate, keyFile: key)
    }

    /// - Throws: `XMLRPCFault` when the server answers with one; ``ProgramFailure`` when it does not answer, or with
    ///   something else.
    func call(_ method: String, _ parameters: [XMLRPCValue] = []) async throws -> XMLRPCValue {
        let document: [UInt8]
        do throws(XMLRPCFault) {
            document = try XMLRPCCodec.encode(MethodCall(methodName: method, parameters: parameters))
        } catch {
            throw ProgramFailure.wrongUsage("the call can't be sent: \(TerminalText.line(error.message))")
        }
        do {
            switch try await client.post(document, timeout: timeout, retry: .onceWhenIdleConnectionWasClosed) {
            case .success(.value(let value)): return value
            case .success(.fault(let fault)): throw fault
            case .failure(let fault):
                throw TransportError.malformedAnswer(
                    address: "\(url.address)", reason: TerminalText.line(fault.message))
            }
        } catch TransportError.unauthorized {
            throw ProgramFailure.jobFailed(
                "\(url.shown) wants credentials, or others: write them into the URL, http://user:password@...")
        } catch let error as TransportError {
            throw ProgramFailure.jobFailed("\(error)")
        }
    }
}
