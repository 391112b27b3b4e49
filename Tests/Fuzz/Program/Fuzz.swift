// Coverage-guided fuzzing with libFuzzer, which finds these functions by their names. MR_FUZZ_TARGET says what is
// fuzzed: documents (the decoder) or requests (a server's connection).
import FuzzProperties
import Glibc

/// libFuzzer's own loop; its mode of work is in the arguments.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ argumentCount: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ target: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// What the package's linking takes for `main`.
@_cdecl("fuzz_main")
func fuzzMain(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> CInt {
    var count = count
    var arguments = arguments
    return runDriver(&count, &arguments, tryInput)
}

@_cdecl("LLVMFuzzerTestOneInput")
func tryInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = UnsafeRawBufferPointer(start: bytes, count: count)
    let begin = processorSeconds()
    if let violation = target(input) { fatalError(violation) }
    let seconds = processorSeconds() - begin
    // Of the processor's time, not the clock's: others may be using the machine.
    guard seconds < 1 else { fatalError("it took \(seconds) s") }
    return 0
}

private let target: @Sendable (UnsafeRawBufferPointer) -> String? = {
    switch getenv("MR_FUZZ_TARGET").map({ String(cString: $0) }) {
    case "documents": return DocumentProperties.violation
    case "requests": return RequestProperties().violation
    default: fatalError("MR_FUZZ_TARGET is neither documents nor requests")
    }
}()

private func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
