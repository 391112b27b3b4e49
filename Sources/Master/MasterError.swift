/// Why a master could not begin.
package enum MasterError: Error, Hashable, Sendable, CustomStringConvertible {
    case openToOthers(host: String)
    case cannotMakeScratch(path: String, reason: String)
    case cannotListen(reason: String)
    case tooFewDescriptors(limit: Int, needed: Int)

    package var description: String {
        switch self {
        case .openToOthers(let host):
            "'\(host)' can be reached from other machines, and nothing is served there without TLS and a token"
        case .cannotMakeScratch(let path, let reason):
            "cannot make a temporary folder under '\(path)': \(reason); set TMPDIR to a folder that you can write"
        case .cannotListen(let reason):
            reason
        case .tooFewDescriptors(let limit, let needed):
            "this program may have \(limit) files open at a time and needs \(needed); raise that limit (ulimit -n \(needed))"
        }
    }
}
