/// Variables that whoever submits a job gives to its programs.
package enum OwnVariables {
    /// Of all of them: names, values, and two bytes more for each. Linux gives arguments and environment together some MiB.
    package static let byteCountMax = 64 << 10

    /// Takes a variable as it is typed, `NAME=VALUE`.
    ///
    /// - Throws: ``OwnVariableError``
    package static func variable(_ text: [UInt8]) throws(OwnVariableError) -> (name: String, value: [UInt8]) {
        guard let equals = text.firstIndex(of: UInt8(ascii: "=")) else { throw OwnVariableError("is not NAME=VALUE") }
        let name = text[..<equals]
        guard let first = name.first, !isDigit(first), name.allSatisfy(isPartOfName) else {
            throw OwnVariableError(
                "has a name that is not made of ASCII letters, digits and _, or begins with a digit")
        }
        guard !name.starts(with: "MR_".utf8) else {
            throw OwnVariableError("has a name that begins with MR_: those are this project's own")
        }
        let nameText = String(decoding: name, as: UTF8.self)
        guard !TaskEnvironment.names.contains(nameText) else {
            throw OwnVariableError("has a name that each task gives a value of its own")
        }
        let value = text[(equals + 1)...]
        guard !value.contains(0) else { throw OwnVariableError("holds a NUL byte, which no variable can") }
        return (nameText, Array(value))
    }

    /// As they travel in one option of the job: each as NAME=VALUE with a NUL after it.
    package static func packed(_ variables: [String: [UInt8]]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (name, value) in variables.sorted(by: { $0.key < $1.key }) {
            bytes += "\(name)=".utf8
            bytes += value
            bytes.append(0)
        }
        return bytes
    }

    static func unpacked(_ bytes: [UInt8]) throws(OwnVariableError) -> [String: [UInt8]] {
        guard bytes.count <= byteCountMax else {
            throw OwnVariableError("has \(bytes.count) bytes in all; \(byteCountMax) are allowed")
        }
        var variables: [String: [UInt8]] = [:]
        for entry in bytes.split(separator: 0) {
            let (name, value) = try variable(Array(entry))
            variables[name] = value
        }
        return variables
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isPartOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
        default: isDigit(byte)
        }
    }
}

/// Why a variable can't be given to programs.
package struct OwnVariableError: Error, Hashable, Sendable {
    /// Completes the sentence "--env X ...".
    package let problem: String

    init(_ problem: String) { self.problem = problem }
}
