import Glibc

/// Why no program can be started.
package enum ProcessError: Error, Hashable, CustomStringConvertible {
    case noPipe(errorNumber: CInt)
    case noGuard(reason: String)
    case notLimited(reason: String)

    package var description: String {
        switch self {
        case .noPipe(let number):
            "no pipe to a program can be made: \(StartError(number: number))"
        case .noGuard(let reason):
            "no program is started, because the process that would end it with this one cannot be: \(reason)"
        case .notLimited(let reason):
            "no program is started, because it cannot be limited: \(reason)"
        }
    }
}
