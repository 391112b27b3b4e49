/// Programs of streaming cases, which need nothing but a POSIX shell and awk.
enum TrialPrograms {
    /// Adds up what stands behind each key.
    static let sum =
        "LC_ALL=C awk -F '\\t' 'NR > 1 && $1 != key { print key \"\\t\" sum; sum = 0 } { key = $1; sum += $2 } END { if (NR) print key \"\\t\" sum }'"

    /// Words, one a line, with 1.
    private static let words = "LC_ALL=C awk '{ for (i = 1; i <= NF; i++) print $i \"\\t1\" }'"

    static func slow(seconds: Int) -> String { "sleep \(seconds); \(words)" }

    /// Never ends at the first try.
    static func stuck(mark: String) -> String {
        "if mkdir '\(mark)' 2>/dev/null; then exec sleep 600; fi; \(words)"
    }

    /// Never ends at the first try, and at the next only when it is let go.
    static func stuck(mark: String, until release: String) -> String {
        "if mkdir '\(mark)' 2>/dev/null; then exec sleep 600; fi; until [ -e '\(release)' ]; do sleep 0.1; done; \(words)"
    }

    /// Writes what no XML document may hold, and more than a report may, when it fails at the first try.
    static func raving(mark: String) -> String {
        "if mkdir '\(mark)' 2>/dev/null; then head -c 100000 /dev/zero | tr '\\0' x >&2; "
            + "printf 'a \\001\\033\\177 <reason> & ]]> \\377\\n' >&2; exit 3; fi; \(words)"
    }

    /// Writes some of its output at the first try, and then fails.
    static func failing(mark: String) -> String {
        "if mkdir '\(mark)' 2>/dev/null; then echo wrong; echo 'a reason' >&2; exit 3; fi; \(words)"
    }
}
