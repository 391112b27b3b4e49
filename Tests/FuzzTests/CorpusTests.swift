import Foundation
import FuzzProperties
import Testing

/// Replays what the fuzzer has kept: inputs that between them reach all that it has found.
@Suite struct CorpusTests {
    @Test("What must hold for documents holds for all that the fuzzer has kept")
    func documents() throws {
        try replay("documents", DocumentProperties.violation)
    }

    @Test("What must hold for requests holds for all that the fuzzer has kept")
    func requests() throws {
        try replay("requests", RequestProperties().violation)
    }

    private func replay(_ name: String, _ violation: (UnsafeRawBufferPointer) -> String?) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Fuzz/corpus/\(name)")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(files.count > 50, "the corpus is not where it should be")
        for file in files {
            let problem = try Data(contentsOf: file).withUnsafeBytes(violation)
            #expect(problem == nil, "\(file.lastPathComponent)")
        }
    }
}
