import Model
import XMLRPC

/// How the files travel that a job ships to its tasks: `shipped`, as a map attempt's input without pieces, and `shipped_marks`, 33 bytes for
/// each in the order of their numbers: 1 where it is a program, 2 where it is an archive, else 0, and the SHA-256 of its contents.
enum ShippedFilesMessage {
    private static let programMark: UInt8 = 1
    private static let archiveMark: UInt8 = 2
    private static let markByteCount = 1 + ShippedFile.digestByteCount

    static func members(_ shipped: [Int: ShippedFile]) -> [String: XMLRPCValue] {
        var marks: [UInt8] = []
        for (_, file) in shipped.sorted(by: { $0.key < $1.key }) {
            marks.append(file.isArchive ? archiveMark : file.isExecutable ? programMark : 0)
            marks += file.digest
        }
        return [
            "shipped": .base64(PackedInput(pieces: [], files: shipped.mapValues(\.file)).bytes),
            "shipped_marks": .base64(marks),
        ]
    }

    static func files(_ fields: Fields) throws(XMLRPCFault) -> [Int: ShippedFile] {
        let input = try PackedInput(fields.bytes("shipped", byteCountMax: ProtocolLimits.inputByteCountMax))
        let marks = try fields.bytes("shipped_marks", byteCountMax: markByteCount * ShippedFile.countMax)
        guard input.pieces.isEmpty, marks.count == markByteCount * input.files.count else {
            throw Fields.fault(
                "member 'shipped_marks' must have \(markByteCount) bytes for each of \(input.files.count) shipped files"
            )
        }
        var shipped: [Int: ShippedFile] = [:]
        var names: Set<[UInt8]> = []
        for (place, (index, file)) in input.files.sorted(by: { $0.key < $1.key }).enumerated() {
            // Names become names in this machine's folders.
            guard ShippedFile.isName(file.name), names.insert(file.name).inserted else {
                throw Fields.fault("a shipped file must have a name of its own, of one component")
            }
            let mark = marks[(place * markByteCount)...].prefix(markByteCount)
            shipped[index] = ShippedFile(
                file: file, digest: Array(mark.dropFirst()), isExecutable: mark.first == programMark,
                isArchive: mark.first == archiveMark)
        }
        return shipped
    }
}
