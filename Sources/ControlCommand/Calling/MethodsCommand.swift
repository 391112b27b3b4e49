import ArgumentParser
import CommandSupport
import JSON
import XMLRPC

struct MethodsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "methods", abstract: "Lists the methods of any XML-RPC server, with their signatures and help.",
        discussion:
            "It asks system.listMethods, system.methodSignature and system.methodHelp, which not every server has.")

    @OptionGroup var server: ServerOptions

    @Flag(
        help: "Print one JSON object for each method, on a line of its own: name, signatures (null if unknown), help.")
    var json = false

    func run() async throws {
        let server = try ServerCaller(server)
        for name in try await Self.names(server) {
            let method = DescribedMethod(
                name: name, signature: try await Self.asked("system.methodSignature", name, server),
                help: try await Self.asked("system.methodHelp", name, server))
            try StandardOutput.deliver(json ? method.json.text + "\n" : method.text)
        }
    }

    private static func names(_ server: ServerCaller) async throws -> [String] {
        let answer: XMLRPCValue
        do {
            answer = try await server.call("system.listMethods")
        } catch let fault as XMLRPCFault {
            throw ProgramFailure.jobFailed(
                "\(server.url.shown) does not tell its methods: it answers system.listMethods with "
                    + TerminalText.lines(fault.description))
        }
        guard let names = answer.asArray?.map(\.asString), !names.contains(nil) else {
            throw ProgramFailure.jobFailed(
                "\(server.url.shown) does not tell its methods: it answers system.listMethods with something other than names"
            )
        }
        return names.compactMap(\.self)
    }

    /// What the server says of one method; nil when it will not say.
    private static func asked(_ question: String, _ name: String, _ server: ServerCaller) async throws -> XMLRPCValue? {
        do {
            return try await server.call(question, [.string(name)])
        } catch is XMLRPCFault {
            return nil
        }
    }
}
