import Glibc

/// The processes that carry a test's mark in their environment, whoever started them.
enum ProcessTable {
    static let markVariable = "MR_STATE_DIR"

    static var ownEnvironment: [String: String] {
        var variables: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let parts = String(cString: entry).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
            next += 1
        }
        return variables
    }

    /// Live processes, those that nobody waited for yet not counted.
    static func marked(with folder: String) -> [pid_t] {
        let wanted = Array("\(markVariable)=\(folder)".utf8)
        return Files.texts(in: "/proc").compactMap { pid_t($0) }.filter { pid in
            // A process that ends while it is looked at has no environment any more.
            guard let environment = try? Files.read("/proc/\(pid)/environ") else { return false }
            return environment.split(separator: 0).contains { $0.elementsEqual(wanted) }
        }
    }
}
