import Glibc
import Model
import TestSupport

/// What other programs make of some files.
struct Opinion {
    private let folder = ScratchFolder()

    init(_ files: [NamedBytes]) {
        for file in files { folder.write(file.bytes, to: String(decoding: file.name, as: UTF8.self)) }
        folder.write(bytes(Self.script), to: "opinion.py")
    }

    struct Trouble: Error {
        let command: String
        let status: CInt
    }

    /// What a command of the shell prints, in the folder of the files.
    func callAsFunction(_ command: String) throws -> [UInt8] {
        let status = system("export LC_ALL=C; cd \(folder.path) && { \(command) ; } > expected")
        guard status == 0 else { throw Trouble(command: command, status: status) }
        return folder.read("expected")
    }

    /// What the script prints.
    func python(_ arguments: String) throws -> [UInt8] { try self("python3 opinion.py \(arguments)") }

    /// Slow and obvious: everything in memory, numbers as fractions.
    private static let script = #"""
        import sys
        from collections import Counter, defaultdict
        from decimal import Decimal
        from fractions import Fraction

        def lines(path):
            found = open(path, "rb").read().split(b"\n")
            return found[:-1] if found[-1] == b"" else found

        def text(value, decimals):
            scaled = abs(value) * 10 ** decimals
            digits, rest = divmod(scaled.numerator, scaled.denominator)
            if 2 * rest > scaled.denominator or 2 * rest == scaled.denominator and digits % 2:
                digits += 1
            padded = str(digits).rjust(decimals + 1, "0")
            whole, part = padded[:len(padded) - decimals], padded[len(padded) - decimals:].rstrip("0")
            return ("-" if value < 0 and digits else "") + whole + ("." + part if part else "")

        def figure(name, path, decimals=36):
            groups = defaultdict(list)
            for line in lines(path):
                fields = line.split(b"\t")
                groups[fields[0]].append(Fraction(Decimal(fields[1].decode().strip())))
            of = {"sum": sum, "min": min, "max": max, "mean": lambda all: sum(all) / len(all)}[name]
            return [key + b"\t" + text(Fraction(of(groups[key])), int(decimals)).encode() for key in sorted(groups)]

        def counts(counted, k=None):
            best = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:k]
            return [key + b"\t" + str(count).encode() for key, count in best]

        def words(line, rule):
            if rule == "letters":
                line = bytes(byte if chr(byte).isascii() and chr(byte).isalpha() else 32 for byte in line).lower()
            # Python takes four more bytes for white space.
            return [word for word in line.translate(bytes.maketrans(b"\t\n\v\f\r", b"     ")).split(b" ") if word]

        def top(what, k, path):
            if what == "lines":
                return counts(Counter(lines(path)), int(k))
            if what.isdigit():
                fields = [line.split(b"\t") for line in lines(path)]
                return counts(Counter(f[int(what) - 1] if int(what) <= len(f) else b"" for f in fields), int(k))
            return counts(Counter(word for line in lines(path) for word in words(line, what)), int(k))

        def ngrams(rule, n, path):
            counted = Counter()
            for line in lines(path):
                found = words(line, rule)
                counted.update(b" ".join(found[at:at + int(n)]) for at in range(len(found) - int(n) + 1))
            return [key + b"\t" + str(counted[key]).encode() for key in sorted(counted)]

        def join(kind, left_field, right_field, empty, left, right):
            def cut(line, number):
                fields = line.split(b"\t") if line else []
                key = fields.pop(number - 1) if number <= len(fields) else b""
                return key, b"".join(b"\t" + field for field in fields)
            sides = [defaultdict(list), defaultdict(list)]
            for side, path, number in zip(sides, (left, right), (left_field, right_field)):
                for line in lines(path):
                    key, rest = cut(line, int(number))
                    side[key].append(rest)
            missing = [b"\t" + empty.encode()]
            for key in sorted(set(sides[0]) | set(sides[1])):
                lefts, rights = sides[0].get(key), sides[1].get(key)
                if lefts and rights or lefts and kind in ("left", "outer") or rights and kind in ("right", "outer"):
                    for one in lefts or missing:
                        for other in rights or missing:
                            yield key + one + other

        for line in globals()[sys.argv[1]](*sys.argv[2:]):
            sys.stdout.buffer.write(line + b"\n")
        """#
}
