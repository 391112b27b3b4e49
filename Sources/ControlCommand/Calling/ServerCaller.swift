import ArgumentParser
import CommandSupport
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

    func validate() throws {
        guard timeout > 0, timeout <= 86_400 else {
            throw ValidationError("--timeout is more than 0 and at most 86400 seconds")
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
        timeout = .seconds(options.timeout)
        var configuration = HTTPClientConfiguration()
        configuration.callPath = url.path
        configuration.connectTimeout = min(timeout, configuration.connectTimeout)
        client = HTTPClient(
            host: url.address.host, port: url.address.port, authorization: try Self.authorization(url),
            threads: TransportThreads(eventLoopCount: 1, blockingThreadCount: 1), configuration: configuration)
    }

    /// The URL's own credentials, or, at the address of a master of the same user, the token that it has left.
    private static func authorization(_ url: ServerURL) throws(ProgramFailure) -> String? {
        if let credentials = url.credentials { return "Basic \(ValueForm.base64(Array(credentials.utf8)))" }
        guard Loopback.contains(url.address.host) else { return nil }
        do throws(LocalStateError) {
            let directory = try StateDirectory.ofUser(environment: ProgramEnvironment.all)
            let record = try MasterRecord.read(in: directory, host: url.address.host, port: url.address.port)
            return record?.token.map { "Bearer \($0)" }
        } catch {
            // Any other server has no use for a token, and one that has says so itself.
            return nil
        }
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
