import Glibc

/// Prints a line at once, so that it is out when the process is killed after it.
func say(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    // Whoever reads is the test; without it nobody is there to be told.
    _ = write(STDOUT_FILENO, bytes, bytes.count)
}
