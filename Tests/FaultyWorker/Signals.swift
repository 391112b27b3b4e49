import ApplicationAPI
import Glibc

/// The folder through which a test and the tasks of all processes tell each other how far they are.
struct Signals {
    let folder: String

    init(_ options: ApplicationOptions) throws {
        guard let folder = try options.text("signals") else {
            throw ApplicationOptionError("signals", problem: "is missing; name a folder")
        }
        self.folder = folder
    }

    /// Makes the file, unless it is there.
    /// - Returns: Whether this call made it.
    @discardableResult
    func make(_ name: String) -> Bool {
        let file = open("\(folder)/\(name)", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        if file >= 0 { close(file) }
        return file >= 0
    }

    func remove(_ name: String) { unlink("\(folder)/\(name)") }

    func exists(_ name: String) -> Bool { access("\(folder)/\(name)", F_OK) == 0 }

    /// The names with that prefix.
    func names(_ prefix: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.hasPrefix(prefix) { names.append(name) }
        }
        return names
    }

    /// Says that this process waits at the gate, and waits until it is open or the whole folder is gone.
    func hold(_ gate: String) {
        make("\(gate).held.\(getpid())")
        while !exists("\(gate).open"), access(folder, F_OK) == 0 { Pause.milliseconds(2) }
    }

    /// Counts the calls for `name` over all processes.
    /// - Returns: The number of this call, from 1.
    func count(_ name: String) -> Int {
        for number in 1..<10_000 where make("\(name).\(number)") { return number }
        preconditionFailure("the folder \(folder) can't be written")
    }

    func isWithin(_ limit: Int, of name: String) -> Bool { count(name) <= limit }
}

enum Pause {
    static func milliseconds(_ count: Int) { usleep(useconds_t(count) * 1_000) }
}

enum Crash {
    static func bySignal() { kill(getpid(), SIGKILL) }
    static func byExit() { _exit(1) }
    static func byStopping() { kill(getpid(), SIGSTOP) }
}
