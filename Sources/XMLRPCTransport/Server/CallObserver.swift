package import XMLRPC

/// Stands between a server and its methods, to measure calls and to run each in a context of its own.
package protocol CallObserver: Sendable {
    typealias Reply = @Sendable (MethodResponse) -> Void

    /// Runs `body` once, before it returns, with a reply that hands what it is given on to `reply`, once.
    ///
    /// On an event loop: it must not block.
    ///
    /// - Parameter header: The first header of that name in the call's HTTP request, in any case.
    func run(
        _ call: MethodCall, header: @escaping @Sendable (_ name: String) -> String?, reply: @escaping Reply,
        body: (@escaping Reply) -> Void)

    /// A document came that is no call.
    func refused(_ fault: XMLRPCFault)
}
