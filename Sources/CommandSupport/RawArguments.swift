import Glibc

/// The command line as bytes. Swift's own list of arguments repairs what is not UTF-8, and a repaired file name is another
/// file name; so bytes that are not UTF-8 travel through the parser as private characters, one each, and come back whole.
package enum RawArguments {
    /// Bytes 0x80...0xFF stand at U+F780...U+F7FF while they are parsed.
    private static let base: UInt32 = 0xF700

    /// The arguments after the program's name, in a form that ``bytes(of:)`` turns back.
    package static var current: [String] {
        var arguments: [String] = []
        for index in 1..<max(1, Int(CommandLine.argc)) {
            guard let argument = CommandLine.unsafeArgv[index] else { break }
            arguments.append(text(of: Array(UnsafeRawBufferPointer(start: argument, count: strlen(argument)))))
        }
        return arguments
    }

    /// Blots a secret out where other users could read it in the list of processes. It has been there for a moment all
    /// the same.
    package static func hide(_ secret: String) {
        let secret = Self.bytes(of: secret)
        guard !secret.isEmpty else { return }
        forEachArgument { argument in
            var start = 0
            while let place = argument[start...].firstRange(of: secret) {
                blot(argument, place)
                start = place.upperBound
            }
        }
    }

    /// The same for whatever looks like the secret of a join line: letters and digits after the second dot of mr1.PIN.SECRET.
    package static func hideJoinLines() {
        let start = Array("mr1.".utf8)
        forEachArgument { argument in
            guard let begin = argument.firstRange(of: start)?.upperBound else { return }
            for (index, byte) in argument.enumerated().dropFirst(begin) where byte != UInt8(ascii: ".") {
                if byte == UInt8(ascii: "@") { return }
                // The pin is no secret, but where a part is lost it can't be told from one.
                argument[index] = UInt8(ascii: "x")
            }
        }
    }

    private static func blot(_ argument: UnsafeMutableBufferPointer<UInt8>, _ place: Range<Int>) {
        for index in place { argument[index] = UInt8(ascii: "x") }
    }

    private static func forEachArgument(_ body: (UnsafeMutableBufferPointer<UInt8>) -> Void) {
        for index in 1..<max(1, Int(CommandLine.argc)) {
            guard let argument = CommandLine.unsafeArgv[index] else { break }
            let count = strlen(argument)
            argument.withMemoryRebound(to: UInt8.self, capacity: count) { bytes in
                body(UnsafeMutableBufferPointer(start: bytes, count: count))
            }
        }
    }

    package static func text(of bytes: [UInt8]) -> String {
        if let text = String(validating: bytes, as: UTF8.self), !text.unicodeScalars.contains(where: isStandIn) {
            return text
        }
        var text = ""
        var decoder = UTF8()
        var rest = bytes[...]
        while !rest.isEmpty {
            var iterator = rest.makeIterator()
            decoder = UTF8()
            if case .scalarValue(let scalar) = decoder.decode(&iterator), !isStandIn(scalar) {
                text.unicodeScalars.append(scalar)
                rest = rest.dropFirst(UTF8.width(scalar))
            } else {
                text.unicodeScalars.append(standIn(rest[rest.startIndex]))
                rest = rest.dropFirst()
            }
        }
        return text
    }

    package static func bytes(of text: String) -> [UInt8] {
        // No stand-in is written without this byte.
        guard text.utf8.contains(0xEF) else { return Array(text.utf8) }
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            if isStandIn(scalar) {
                bytes.append(UInt8(truncatingIfNeeded: scalar.value))
            } else {
                bytes += Array(String(scalar).utf8)
            }
        }
        return bytes
    }

    private static func isStandIn(_ scalar: Unicode.Scalar) -> Bool {
        (base + 0x80...base + 0xFF).contains(scalar.value)
    }

    private static func standIn(_ byte: UInt8) -> Unicode.Scalar {
        guard byte >= 0x80, let scalar = Unicode.Scalar(base + UInt32(byte)) else {
            preconditionFailure("ASCII is always valid UTF-8")
        }
        return scalar
    }
}
