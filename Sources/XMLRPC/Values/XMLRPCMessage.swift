/// What a document is.
package enum XMLRPCMessage: Hashable, Sendable {
    case call(MethodCall)
    case response(MethodResponse)
}
