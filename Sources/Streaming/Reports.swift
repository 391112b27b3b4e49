import ApplicationAPI

extension TaskContext {
    /// Does what a program asked for on its standard error.
    func take(_ line: ReporterLine) {
        switch line {
        case .counter(let group, let name, let count):
            // It throws for names that are too long, and a line with such a name reports nothing.
            try? counter(group: group, name: name).add(Int(count))
        case .status(let text):
            log?.setStatus(text)
        }
    }
}
