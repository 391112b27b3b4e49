import Glibc
import LocalMachine
package import XMLRPC

/// What a name stands for.
package enum ResolvedFunction: Sendable {
    /// Built in, or registered by this program.
    case registered(name: String)
    case program(FunctionProgram)
    case python(PythonFunction)
}

/// Functions by name, and a folder of uploaded files that are functions too: `FILE` for a program, `FILE.py:FUNCTION` for a
/// function of a Python file.
package final class FunctionLibrary: Sendable {
    package let registry: FunctionRegistry
    private let folder: String
    private let allowsPaths: Bool
    private let settings: ProgramSettings
    private let runners: PythonRunners

    /// Of one file.
    package static let fileByteCountMax = 64 << 20
    /// Of all of them.
    package static let fileCountMax = 10_000

    /// - Parameters:
    ///   - folder: Is there, belongs to this process's user, and nobody else writes in it.
    ///   - allowsPaths: Whether callers may name any file of this machine by its absolute path.
    package init(
        folder: String, registry: FunctionRegistry = FunctionRegistry(), settings: ProgramSettings = ProgramSettings(),
        allowsPaths: Bool = false
    ) {
        self.folder = AbsolutePath.of(folder)
        self.registry = registry
        self.settings = settings
        runners = PythonRunners(settings: settings)
        self.allowsPaths = allowsPaths
    }

    // MARK: Calling

    /// - Throws: ``FunctionError``
    package func call(
        _ function: String, arguments: [XMLRPCValue], keywords: [String: XMLRPCValue] = [:],
        cancellation: FunctionCancellation? = nil
    ) throws -> XMLRPCValue {
        switch try resolve(function) {
        case .registered(let name): try registry.call(name, arguments: arguments, keywords: keywords)
        case .program(let program):
            try program.call(function, arguments: arguments, keywords: keywords, cancellation: cancellation)
        case .python(let python):
            try python.call(function, arguments: arguments, keywords: keywords, cancellation: cancellation)
        }
    }

    /// Looks at the files as they are now.
    ///
    /// - Throws: ``FunctionError/unknown(function:near:)`` with names that may have been meant,
    ///   ``FunctionError/badName(_:reason:)``
    package func resolve(_ function: String) throws(FunctionError) -> ResolvedFunction {
        if registry.contains(function) { return .registered(name: function) }
        guard function.utf8.count <= FunctionLimits.nameByteCountMax, !function.utf8.contains(0) else {
            throw .badName(
                function, reason: "holds a NUL or has more than \(FunctionLimits.nameByteCountMax) bytes")
        }
        if let python = try python(function) { return .python(python) }
        guard let path = try path(of: function) else { throw unknown(function) }
        return .program(FunctionProgram(path, settings: settings))
    }

    /// nil unless it is FILE.py:FUNCTION.
    private func python(_ function: String) throws(FunctionError) -> PythonFunction? {
        guard let colon = function.utf8.lastIndex(of: UInt8(ascii: ":")), function[..<colon].hasSuffix(".py") else {
            return nil
        }
        let (file, name) = (String(function[..<colon]), String(function[function.utf8.index(after: colon)...]))
        guard FunctionName.isIdentifier(name) else {
            throw .badName(function, reason: "must have ASCII letters, digits and '_' after its ':', no digit first")
        }
        guard let path = try path(of: file) else { throw unknown(file) }
        return PythonFunction(path: path, name: name, settings: settings, runners: runners)
    }

    /// Where a file is; nil if there is none.
    private func path(of name: String) throws(FunctionError) -> String? {
        let isPath = name.utf8.first == UInt8(ascii: "/")
        guard !isPath || allowsPaths else {
            throw .badName(name, reason: "is a path; only uploaded files are run here, by their names")
        }
        guard isPath || FunctionName.isPossible(name) else { return nil }
        // What lies at a path, or what a link there leads to, is the caller's own choice.
        if isPath { return access(name, F_OK) == 0 ? name : nil }
        let path = "\(folder)/\(name)"
        return isFile(path) ? path : nil
    }

    private func unknown(_ name: String) -> FunctionError {
        .unknown(function: name, near: NearNames.of(name, among: registry.names + fileNames))
    }

    // MARK: Files

    /// Of all uploaded files, sorted.
    package var fileNames: [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if FunctionName.isPossible(name), isFile("\(folder)/\(name)") { names.append(name) }
        }
        return names.sorted()
    }

    /// Links are none: they would lead out of the folder.
    private func isFile(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// Stores a file that its user alone may read and run. Calls see the old one or this one; those that begin when it is
    /// there, this one.
    ///
    /// - Parameter name: Letters, digits, `.`, `_` and `-` of ASCII, no dot first; of no registered function,
    ///   which would always be called instead.
    /// - Throws: ``FunctionError``
    package func upload(_ name: String, _ bytes: [UInt8]) throws(FunctionError) {
        try FunctionName.check(name)
        guard !registry.contains(name) else { throw .taken(function: name) }
        guard bytes.count <= Self.fileByteCountMax else {
            throw .file(name: name, reason: "has \(bytes.count) bytes; \(Self.fileByteCountMax) are allowed")
        }
        let names = fileNames
        guard names.count < Self.fileCountMax || names.contains(name) else {
            throw .file(name: name, reason: "is one file too many; \(Self.fileCountMax) are allowed")
        }
        try UploadedFile.store(bytes, name: name, folder: folder)
        runners.forgetFiles()
    }
}
