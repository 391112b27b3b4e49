import Glibc
import LocalMachine
import Model
import Shipping
import TaskRuntime
import TestSupport
import Testing

/// Archives that Python makes, unpacked here.
@Suite("Archives")
struct ArchiveTests {
    private static let script = #"""
        import io, os, stat, sys, tarfile, zipfile
        form, case, target = sys.argv[1:4]
        long = "n" * 90 + "/" + "m" * 120 + "/" + "l" * 60
        FILES = {"a.txt": b"one\n", "d/run": b"#!/bin/sh\n", "d/e/empty": b"", "d/zeros": bytes(3_000_000), "k\xe4se \n": b"x", "./d/./dot": b".",
                 long: b"long"}
        CASES = {
            "good": [("dir", "d"), ("dir", "d/nothing/")] + [("file", name, data, 0o755 if name == "d/run" else 0o644) for name, data in FILES.items()]
                + [("link", "d/up", "../a.txt"), ("link", "to-d", "d/e"), ("link", "gone", "nowhere"), ("link", "d/e/back", "../../" + long)],
            "up": [("file", "d/../../x", b"", 0o644)],
            "absolute": [("file", "/tmp/mr-archive-escape", b"", 0o644)],
            "link-up": [("link", "d/l", "../../x")],
            "link-absolute": [("link", "l", "/etc")],
            "link-by-link": [("link", "d/l", ".."), ("link", "m", "d/l/../x")],
            "through-link": [("link", "l", "d"), ("file", "l/x", b"", 0o644)],
            "twice": [("file", "x", b"", 0o644), ("file", "./x", b"", 0o644)],
            "below-file": [("file", "x", b"", 0o644), ("file", "x/y", b"", 0o644)],
            "hard-out": [("hard", "h", "../x")], "hard-link": [("link", "l", "x"), ("hard", "h", "l")],
            "pipe": [("pipe", "p")], "bad-name": [("file", "d/..", b"", 0o644)],
            "hard": [("file", "x", b"shared", 0o600), ("hard", "d/h", "x")],
        }
        def tar(mode):
            kind = tarfile.GNU_FORMAT if "gnu" in form else tarfile.PAX_FORMAT if "pax" in form else tarfile.USTAR_FORMAT
            with tarfile.open(target, mode, format=kind) as archive:
                for what, name, *rest in CASES[case]:
                    info = tarfile.TarInfo(name)
                    info.type = {"file": tarfile.REGTYPE, "dir": tarfile.DIRTYPE, "link": tarfile.SYMTYPE, "hard": tarfile.LNKTYPE, "pipe": tarfile.FIFOTYPE}[what]
                    if what == "file":
                        info.size, info.mode = len(rest[0]), rest[1]
                    elif rest:
                        info.linkname = rest[0]
                    archive.addfile(info, io.BytesIO(rest[0]) if what == "file" else None)
        def zip():
            with zipfile.ZipFile(target, "w") as archive:
                for what, name, *rest in CASES[case]:
                    info = zipfile.ZipInfo(name if what != "dir" else name.rstrip("/") + "/")
                    info.create_system = 3
                    info.compress_type = zipfile.ZIP_STORED if "stored" in form else zipfile.ZIP_DEFLATED
                    data = b""
                    if what == "file":
                        data, mode = rest[0], stat.S_IFREG | rest[1]
                    elif what == "link":
                        data, mode = rest[0].encode(), stat.S_IFLNK | 0o777
                    else:
                        mode = stat.S_IFDIR | 0o755
                    info.external_attr = mode << 16
                    archive.writestr(info, data)
                archive.comment = b"a comment"
        zip() if form.startswith("zip") else tar("w:" + (form.split("-")[1] if "-" in form else ""))
        """#

    /// What of the good archive must be there: paths, and what they hold; `*` for a program, `@` for a link.
    private static let listing = #"""
        import os, sys
        root = os.fsencode(sys.argv[1])
        for folder, folders, files in os.walk(root):
            for name in sorted(folders + files):
                path = os.path.join(folder, name)
                shown = ascii(os.path.relpath(path, root))
                if os.path.islink(path): print(shown, "@", ascii(os.readlink(path)))
                elif os.path.isdir(path): print(shown, "/")
                else: print(shown, "*" if os.stat(path).st_mode & 0o100 else "-", hash(open(path, "rb").read()) & 0 or len(open(path, "rb").read()), sum(open(path, "rb").read()))
        """#

    private func made(_ form: String, _ name: String, _ folder: TemporaryFolder) throws -> String {
        let script = folder.write("make.py", Self.script)
        let path = "\(folder.path)/archive"
        try #require(system("python3 \(script) \(form) \(name) \(path)") == 0)
        return path
    }

    private func unpack(_ path: String, into target: String?) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        try Archive.unpack(OpenFileSource(descriptor: descriptor), into: target.map { Array($0.utf8) }) {
            var template = Array("/tmp/mr-test-archive-XXXXXX".utf8CString)
            let file = mkstemp(&template)
            unlink(template)
            return file
        }
    }

    @Test(
        "What Python packs is what is unpacked, in every form",
        arguments: ["gnu", "pax", "gnu-gz", "pax-bz2", "gnu-xz", "zip", "zip-stored"])
    func good(form: String) throws {
        let folder = try TemporaryFolder()
        let path = try made(form, "good", folder)
        try unpack(path, into: nil)
        let target = "\(folder.path)/unpacked"
        #expect(mkdir(target, 0o700) == 0)
        try unpack(path, into: target)
        let list = folder.write("list.py", Self.listing)
        let other = "\(folder.path)/other"
        // Zip archives too are compared with what tar makes of the same files: unzip changes odd names.
        let twin = try TemporaryFolder()
        let tar = form.hasPrefix("zip") ? try made("gnu", "good", twin) : path
        try #require(system("mkdir \(other) && tar -xf \(tar) -C \(other)") == 0)
        try #require(system("cd \(folder.path) && python3 \(list) unpacked > one && python3 \(list) other > two") == 0)
        #expect(system("cd \(folder.path) && diff one two >&2 && test $(wc -l < one) -gt 12") == 0)
    }

    @Test("A hard link is the file that came before")
    func hardLink() throws {
        let folder = try TemporaryFolder()
        let path = try made("gnu", "hard", folder)
        let target = "\(folder.path)/unpacked"
        #expect(mkdir(target, 0o700) == 0)
        try unpack(path, into: target)
        #expect(system("test \(target)/x -ef \(target)/d/h && test $(cat \(target)/d/h) = shared") == 0)
    }

    @Test(
        "Nothing of an archive lies outside of its folder, nor leads there",
        arguments: [
            ("up", "a name that leads out"), ("absolute", "a name that leads out"),
            ("bad-name", "a name that leads out"),
            ("link-up", "which leads out of its folder"), ("link-absolute", "which leads out of its folder"),
            ("link-by-link", "or through another link"), ("through-link", "below something that is no folder"),
            ("twice", "twice"), ("below-file", "below something that is no folder"),
            ("hard-out", "a name that leads out"),
            ("hard-link", "which leads out of its folder"), ("pipe", "which is not unpacked here"),
        ], ["pax", "zip"])
    func evil(name: (String, String), form: String) throws {
        guard form != "zip" || !name.0.hasPrefix("hard") && name.0 != "pipe" else { return }
        let folder = try TemporaryFolder()
        let path = try made(form, name.0, folder)
        let target = "\(folder.path)/deep/unpacked"
        #expect(mkdir("\(folder.path)/deep", 0o700) == 0 && mkdir(target, 0o700) == 0)
        for place in [nil, target] {
            let error = #expect(throws: ArchiveError.self) { try unpack(path, into: place) }
            #expect(error?.description.contains(name.1) == true, "\(String(describing: error))")
        }
        #expect(TemporaryFolder.names(in: folder.path) == ["archive", "deep", "make.py"])
        #expect(TemporaryFolder.names(in: "\(folder.path)/deep") == ["unpacked"])
        #expect(access("/tmp/mr-archive-escape", F_OK) != 0)
    }

    @Test("What is cut off, damaged or no archive is told", arguments: ["gnu", "pax-gz", "zip"])
    func damaged(form: String) throws {
        let folder = try TemporaryFolder()
        let path = try made(form, "good", folder)
        var status = stat()
        #expect(stat(path, &status) == 0)
        let file = open(path, O_RDWR)
        defer { close(file) }
        var byte: UInt8 = 0
        let middle = off_t(form == "gnu" ? 1_024 + 150 : Int(status.st_size) / 2)
        #expect(pread(file, &byte, 1, middle) == 1)
        byte ^= 0x15
        #expect(pwrite(file, &byte, 1, middle) == 1)
        #expect(throws: ArchiveError.damaged) { try unpack(path, into: nil) }
        #expect(ftruncate(file, status.st_size / 3) == 0)
        #expect(throws: ArchiveError.self) { try unpack(path, into: nil) }
        #expect(throws: ArchiveError.unknownForm) { try unpack(folder.write("text", "no archive\n"), into: nil) }
        #expect(throws: ArchiveError.unknownForm) { try unpack(folder.write("empty", ""), into: nil) }
    }
}
