import Synchronization
import WorkerProtocol

/// Workers that have come and can't run the job's application. People are told of each name once, and of so many names: whoever
/// has the token may register as often as he likes.
final class UnableWorkers: Sendable {
    private let told = Mutex<Set<String>>([])

    private static let toldMax = 100
    private static let applicationsShownMax = 10

    func isNews(_ name: String) -> Bool {
        told.withLock { told in told.count < Self.toldMax && told.insert(name).inserted }
    }

    static func reason(_ request: RegisterRequest, application: String) -> String {
        let names = request.applications.sorted()
        let others = names.count > applicationsShownMax ? " and \(names.count - applicationsShownMax) more" : ""
        let brings = names.isEmpty ? "none" : names.prefix(applicationsShownMax).joined(separator: ", ") + others
        return "worker \(request.name) can't run '\(application)': it brings \(brings); "
            + "start a worker program that brings it, or let the master: --worker-program PATH"
    }
}
