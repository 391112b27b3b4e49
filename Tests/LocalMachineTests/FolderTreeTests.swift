import Glibc
import LocalMachine
import TestSupport
import Testing

@Suite("Folders with all that is below them")
struct FolderTreeTests {
    @Test("All goes, whatever it is called; what links lead to stays")
    func remove() throws {
        let folder = try TemporaryFolder()
        let kept = folder.write("kept", "x")
        #expect(mkdir("\(folder.path)/others", 0o700) == 0)
        folder.write("others/file", "x")
        let tree = "\(folder.path)/tree"
        for path in [tree, "\(tree)/a", "\(tree)/a/b", "\(tree)/empty"] { #expect(mkdir(path, 0o700) == 0) }
        folder.write("tree/a/b/c", "x")
        folder.write("tree/.hidden\n", "x")
        #expect(symlink(kept, "\(tree)/a/link") == 0)
        #expect(symlink("\(folder.path)/others", "\(tree)/folder-link") == 0)
        let odd = Array("\(tree)/".utf8) + [0xFF, 0xFE]
        FileBytes.withPath(odd) { _ = close(open($0, O_WRONLY | O_CREAT, 0o600)) }
        FolderTree.remove(tree)
        #expect(TemporaryFolder.names(in: folder.path) == ["kept", "others"])
        #expect(TemporaryFolder.names(in: "\(folder.path)/others") == ["file"])
    }
}
