import Glibc

/// The environment of programs.
enum ProgramVariables {
    /// This process's variables with some added or replaced, as bytes that end with NUL.
    static func all(adding added: [String: [UInt8]]) -> [[UInt8]] {
        var entries: [[UInt8]] = []
        var next = environ
        while let entry = next.pointee {
            let bytes = Array(UnsafeRawBufferPointer(start: entry, count: strlen(entry)))
            let name = bytes.prefix { $0 != UInt8(ascii: "=") }
            // An entry without name or without value is no variable.
            if !name.isEmpty, name.count < bytes.count, added[String(decoding: name, as: UTF8.self)] == nil {
                entries.append(bytes + [0])
            }
            next += 1
        }
        for (name, value) in added.sorted(by: { $0.key < $1.key }) {
            entries.append(Array("\(name)=".utf8) + value + [0])
        }
        return entries
    }
}
