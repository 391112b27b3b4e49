import LocalMachine
import Master

/// What people are told who want to add workers.
struct Invitation {
    let service: MasterService
    let request: JobRequest
    let application: String
    /// Whether what is printed is for the eyes of whoever sits there, and not for a file that others may read.
    let shows: Bool

    var lines: [String] {
        var lines = request.localWorkerCount == 0 || service.encrypts ? workers : []
        if request.listen.isOpen {
            lines.append(
                "WARNING: --no-auth --plain-http: every machine that reaches \(service.address) can join, read the input, "
                    + "write the output and see what is sent")
        } else if !request.listen.requiresToken {
            lines.append("--no-auth: every program on this machine can join, read the input and write the output")
        }
        return lines
    }

    private var workers: [String] {
        let program = request.isBuiltIn ? "mr-worker" : request.workerProgram ?? "YOUR-WORKER"
        let ways =
            request.workerProgram == nil ? " (YOUR-WORKER is a program of yours, or mr-worker --script FILE)" : ""
        let kind = request.isBuiltIn ? "workers" : "workers that bring '\(application)'\(ways)"
        guard service.encrypts else {
            let open = request.listen.isOpen ? " --plain-http" : ""
            let place = request.listen.isOpen ? "here or on other machines" : "here in other terminals"
            return ["start \(kind), \(place), with: \(program) --master \(service.address)\(open)"]
        }
        guard shows else {
            // A file with a secret in it would be read by more people than know of it.
            return [
                "add \(kind), here or on other machines, with: \(program) --join LINE, where LINE is in \(service.joinPath)"
            ]
        }
        do {
            guard let line = try service.joinLine() else { return [] }
            let end = try service.joiningEnds.map { " (until \($0))" } ?? ""
            return ["add \(kind), here or on other machines, with:\(end)", "  \(program) --join \(line.text)"]
        } catch {
            return ["no worker can be added from elsewhere: \(error)"]
        }
    }
}
