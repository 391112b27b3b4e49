import Glibc

/// The environment of programs: the worker's, without what would let a program pass for it.
package enum ProgramVariables {
    /// This process's variables with some added or replaced, as bytes that end with NUL.
    package static func all(adding added: [String: [UInt8]]) -> [[UInt8]] {
        var entries: [[UInt8]] = []
        var next = environ
        while let entry = next.pointee {
            let bytes = Array(UnsafeRawBufferPointer(start: entry, count: strlen(entry)))
            let name = bytes.prefix { $0 != UInt8(ascii: "=") }
            if isVariable(name: name, entry: bytes), added[String(decoding: name, as: UTF8.self)] == nil {
                entries.append(bytes + [0])
            }
            next += 1
        }
        for (name, value) in added.sorted(by: { $0.key < $1.key }) {
            entries.append(Array("\(name)=".utf8) + value + [0])
        }
        return entries
    }

    /// An entry without name or without value is no variable. One whose name begins with a digit is none that a shell can
    /// name.
    private static func isVariable(name: ArraySlice<UInt8>, entry: [UInt8]) -> Bool {
        guard let first = name.first, name.count < entry.count else { return false }
        return !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) && !isCredential(name)
    }

    /// Whether it holds a credential of this project's programs, or says where one is.
    ///
    /// Told by the words of its name, so that a variable that comes later is not forgotten here: `MR_TOKEN`, `MR_JOIN_FILE`,
    /// `MR_STATE_DIR`. Others that begin with `MR_` are the user's own.
    package static func isCredential(_ name: some Collection<UInt8>) -> Bool {
        let words = name.split(separator: UInt8(ascii: "_"))
        guard let first = words.first, first.elementsEqual("MR".utf8) else { return false }
        return words.dropFirst().contains { word in credentialWords.contains { word.elementsEqual($0.utf8) } }
    }

    private static let credentialWords = [
        "JOIN", "TOKEN", "TOKENS", "STATE", "SECRET", "SECRETS", "KEY", "KEYS", "PASSWORD", "CREDENTIAL", "CREDENTIALS",
        "TICKET", "PIN", "AUTH",
    ]
}
